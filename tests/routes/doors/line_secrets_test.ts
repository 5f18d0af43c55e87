/** Platforms that accept only a URL: secrets in the path, and lists of addresses. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { serverWith } from "../../support/apps.ts";
import { Client, type Message } from "../../support/client.ts";
import { answerTo } from "../../support/http.ts";
import { JAMBONZ, sessionNew } from "../../support/lines.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const KEY = "sesame-sesame-sesame-sesame";
const BEARER = { authorization: `Bearer ${KEY}` };
const [FIVE, KENYA, ANY] = ["5000.secret.5000", "Nairobi_Nairobi~1", "any-number-at-all"];
const INBOUND = {
  INBOUND_SECRETS: `5000=${FIVE}, 0712000000=${KENYA}, 5001=${KENYA}, *=${ANY}`,
  DEFAULT_COUNTRY: "KE",
};
const SUBPROTOCOL = { "sec-websocket-protocol": "ws.jambonz.org" };
const JAMBONZ_SECRET = "short-and-sweet-1";

/** The status of a handshake. */
async function status(server: TestServer, path: string, headers: Record<string, string> = {}) {
  using raw = await RawSocket.connect(server.port);
  return (await raw.handshake(path, headers)).status;
}

/** Brings a call to a number: its answer, or how the socket was closed. */
async function bring(server: TestServer, path: string, didNumber: string): Promise<unknown> {
  await using line = await Client.open(server.ws(path));
  line.send({ event: "incoming_call", callerId: "1", didNumber, sessionId: crypto.randomUUID() });
  const answer = line.next({ event: "answer" }).then(() => "answered");
  return await Promise.race([answer.catch(() => "closed"), line.closed.then(({ code }) => code)]);
}

for (const settings of [{ ...INBOUND, API_KEYS: KEY }, INBOUND]) {
  const keys = "API_KEYS" in settings ? "with keys" : "without keys";
  Deno.test(`inbound secrets: each admits calls to its numbers only, ${keys}`, async () => {
    await using server = await TestServer.start({ settings });
    assertEquals(await bring(server, `/inbound/${FIVE}`, "5000"), "answered");
    assertEquals(await bring(server, `/inbound/${FIVE}`, "5001"), 1008);
    assertEquals(await bring(server, `/inbound/${KENYA}`, "5001"), "answered");
    assertEquals(await bring(server, `/inbound/${KENYA}`, "+254712000000"), "answered");
    assertEquals(await bring(server, `/inbound/${KENYA}`, "0712 000 000"), "answered");
    assertEquals(await bring(server, `/inbound/${KENYA}`, "5000"), 1008);
    assertEquals(await bring(server, `/inbound/${ANY}`, "4711"), "answered");
  });

  Deno.test(`inbound secrets: a wrong or missing one is refused, ${keys}`, async () => {
    await using server = await TestServer.start({ settings });
    const wrong = [
      "",
      "/",
      `/${FIVE}x`,
      `/${FIVE.slice(1)}`,
      `/${FIVE.toUpperCase()}`,
      "/*",
      "/5000",
    ];
    for (const end of wrong) {
      assertEquals([end, await status(server, `/inbound${end}`)], [end, 401]);
    }
    for (const path of ["/", `/?key=${FIVE}`]) assertEquals(await status(server, path), 401);
  });
}

Deno.test("inbound secrets: a key opens the door as before, and a secret opens nothing else", async () => {
  await using server = await TestServer.start({ settings: { ...INBOUND, API_KEYS: KEY } });
  const basic = { authorization: `Basic ${btoa(`platform:${KEY}`)}` };
  for (const headers of [BEARER, basic]) assertEquals(await status(server, "/", headers), 101);
  assertEquals(await status(server, `/jambonz/${ANY}`, SUBPROTOCOL), 404);
  assertEquals(await status(server, `/jambonz?key=${ANY}`, SUBPROTOCOL), 401);
  const rest = await answerTo(server.http("/api/v1/calls"), {
    headers: { authorization: `Bearer ${ANY}` },
  });
  assertEquals(rest.status, 401);
});

Deno.test("INBOUND_FROM: other addresses get 403 before the upgrade, even with a key", async () => {
  const settings = { ...INBOUND, API_KEYS: KEY, INBOUND_FROM: "192.0.2.0/24" };
  {
    await using server = await TestServer.start({ settings });
    for (const path of ["/", "/inbound", `/inbound/${FIVE}`]) {
      assertEquals(await status(server, path, BEARER), 403);
      // Nobody declared a proxy.
      const forged = { ...BEARER, "x-forwarded-for": "192.0.2.1" };
      assertEquals(await status(server, path, forged), 403);
    }
    assertEquals(await status(server, "/jambonz", { ...BEARER, ...SUBPROTOCOL }), 101);
  }
  await using server = await TestServer.start({ settings: { ...settings, BEHIND_PROXY: "yes" } });
  const through = (address: string) => ({ ...BEARER, "x-forwarded-for": address });
  assertEquals(await status(server, "/", through("192.0.2.1")), 101);
  assertEquals(await status(server, "/", { "x-forwarded-for": "192.0.2.1" }), 401);
  assertEquals(await status(server, "/", through("192.0.2.1, 198.51.100.1")), 403);
});

for (const keys of [{ API_KEYS: KEY }, {}] as Record<string, string>[]) {
  const how = "API_KEYS" in keys ? "with keys" : "without keys";
  Deno.test(`JAMBONZ_SECRET opens the door at its path, and is required, ${how}`, async () => {
    const settings = { ...keys, JAMBONZ_SECRET, APPS: "jambonz:/sales=apps/ivr.ts" };
    await using server = await TestServer.start({ settings });
    for (const path of ["/jambonz", "/sales"]) {
      // jambonz appends its suffix to the whole URL.
      for (const end of ["", "/adulting", "/adulting/adulting"]) {
        const own = `${path}/${JAMBONZ_SECRET}${end}`;
        assertEquals([own, await status(server, own, SUBPROTOCOL)], [own, 101]);
        const wrong = `${path}/${JAMBONZ_SECRET}x${end}`;
        assertEquals([wrong, await status(server, wrong, SUBPROTOCOL)], [wrong, 401]);
        assertEquals([end, await status(server, `${path}${end}`, SUBPROTOCOL)], [end, 401]);
      }
      const options = (at: string) => answerTo(server.http(at), { method: "OPTIONS" });
      assertEquals((await options(`${path}/${JAMBONZ_SECRET}`)).status, 200);
      assertEquals((await options(`${path}/wrong`)).status, 401);
    }
    const audio = { "sec-websocket-protocol": "audio.drachtio.org" };
    assertEquals(await status(server, "/jambonz/audio", audio), 401);
    if (how === "without keys") {
      // Live calls accept this key on a server without keys, and everybody knows it.
      assertEquals(await status(server, "/jambonz?key=dev", SUBPROTOCOL), 401);
      return;
    }
    const basic = { authorization: `Basic ${btoa(`jambonz:${KEY}`)}`, ...SUBPROTOCOL };
    assertEquals(await status(server, "/jambonz", basic), 101);
    assertEquals(await status(server, `/?key=${JAMBONZ_SECRET}`), 401);
    assertEquals(await status(server, "/jambonz/audio", { ...audio, ...BEARER }), 101);
  });
}

for (const keys of [{ API_KEYS: KEY }, {}] as Record<string, string>[]) {
  const how = "API_KEYS" in keys ? "with keys" : "without keys";
  Deno.test(`JAMBONZ_SECRET: a call admitted by it has a password for its audio, ${how}`, async () => {
    await using server = await serverWith("apps/echo.ts", {
      settings: { ...keys, JAMBONZ_SECRET },
    });
    await using line = await Client.open(server.ws(`/jambonz/${JAMBONZ_SECRET}`), JAMBONZ);
    line.send(sessionNew());
    const { data } = await line.next({ type: "ack", msgid: "new" }) as { data: Message[] };
    const { url, wsAuth } = data[1]!["listen"] as { url: string; wsAuth: Record<string, string> };
    assertEquals(url.includes(JAMBONZ_SECRET), false);
    const headers = {
      authorization: `Basic ${btoa(`${wsAuth["username"]}:${wsAuth["password"]}`)}`,
      "sec-websocket-protocol": "audio.drachtio.org",
    };
    assertEquals(await status(server, "/jambonz/audio", headers), 101);
  });
}

Deno.test("JAMBONZ_SECRET: it appears in neither the record, nor the log, nor a list of routes", async () => {
  const settings = { API_KEYS: KEY, JAMBONZ_SECRET, ...INBOUND };
  await using server = await TestServer.start({ settings });
  await using line = await Client.open(server.ws(`/jambonz/${JAMBONZ_SECRET}`), JAMBONZ);
  line.send(sessionNew());
  await line.next({ type: "ack", msgid: "new" });
  assertEquals(await bring(server, `/inbound/${ANY}`, "1"), "answered");
  const call = await server.call("jambonz", "sid-1");
  const record = JSON.stringify([call, await server.record(call)]);
  const index = await (await answerTo(server.http("/"))).text();
  assertStringIncludes(index, "/jambonz/:secret");
  for (const text of [record, JSON.stringify(server.log.all), index]) {
    for (const secret of [JAMBONZ_SECRET, ANY]) assertEquals(text.includes(secret), false);
  }
});
