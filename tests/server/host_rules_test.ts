import { assertEquals } from "@std/assert";
import { readConfig } from "../../config/config.ts";
import { Hosts } from "../../http/guards/hosts.ts";
import { Refused } from "../../http/problem.ts";
import { hostRules } from "../../server/host_rules.ts";
import { sendRaw } from "../support/web_page.ts";
import { TestServer } from "../support/server.ts";

const KEY = { API_KEYS: "sesame-sesame-sesame-sesame" };
const PUBLIC = { ...KEY, HOST: "0.0.0.0" };

const SERVERS: [what: string, settings: Record<string, string>, passes: boolean][] = [
  ["on loopback", {}, false],
  ["on loopback with keys", KEY, false],
  ["on loopback with ALLOWED_HOSTS", { ALLOWED_HOSTS: "api.example" }, true],
  ["on loopback with other ALLOWED_HOSTS", { ALLOWED_HOSTS: "other.example" }, false],
  ["behind a proxy without keys", { BEHIND_PROXY: "yes" }, false],
  ["behind a proxy with keys", { ...KEY, BEHIND_PROXY: "yes" }, true],
  ["behind a proxy with other ALLOWED_HOSTS", {
    ...KEY,
    BEHIND_PROXY: "yes",
    ALLOWED_HOSTS: "other.example",
  }, false],
  ["on a public address", PUBLIC, true],
  ["on a public address with ALLOWED_HOSTS", { ...PUBLIC, ALLOWED_HOSTS: "api.example" }, true],
  ["on a public address with others", { ...PUBLIC, ALLOWED_HOSTS: "other.example" }, false],
  ["on Deno Deploy", { ...KEY, DENO_DEPLOYMENT_ID: "d1" }, true],
];

for (const [what, settings, passes] of SERVERS) {
  const outcome = passes ? "passes" : "gets 421";
  Deno.test(`hostRules(): a name that the server does not know ${outcome} ${what}`, () => {
    const config = readConfig(settings);
    const hosts = new Hosts(hostRules(config, config.API_KEYS.length > 0));
    assertEquals(statusOf(hosts, "api.example"), passes ? 200 : 421);
    for (const host of ["localhost:8000", config.HOST]) assertEquals(statusOf(hosts, host), 200);
  });
}

Deno.test("hostRules(): the server uses them", async () => {
  for (
    const [, settings, passes] of SERVERS.filter(([, settings]) => readConfig(settings).onLoopback)
  ) {
    await using server = await TestServer.start({ settings });
    const answer = await sendRaw(server.port, "GET", "/livez", { host: "api.example" });
    assertEquals([settings, answer.status], [settings, passes ? 200 : 421]);
    // No browser sends a request without Host.
    assertEquals((await sendRaw(server.port, "GET", "/livez", { host: "" })).status, 200);
  }
});

function statusOf(hosts: Hosts, host: string): number {
  try {
    hosts.check(new Headers({ host }), new URL(`http://${host}/`));
    return 200;
  } catch (error) {
    if (error instanceof Refused) return error.status;
    throw error;
  }
}
