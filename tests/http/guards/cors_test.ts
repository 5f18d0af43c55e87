import { assertEquals, assertStringIncludes } from "@std/assert";
import { within } from "../../support/arrivals.ts";
import { answerTo } from "../../support/http.ts";
import { RestServer } from "../../support/rest.ts";

const DESK = "https://desk.example";
const KEY = "sesame-sesame-sesame-sesame";
const settings = { ALLOWED_ORIGINS: `${DESK},http://localhost:3000`, API_KEYS: KEY, APPS: "" };
const BEARER = { authorization: `Bearer ${KEY}` };

/** The headers of CORS in an answer. */
function corsOf({ headers }: { readonly headers: Headers }): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));
}

/** The names in a header that lists them. */
function names(list: string | undefined): string[] {
  return (list ?? "").toLowerCase().split(", ");
}

Deno.test("CORS: a preflight needs no key, and lists the path's methods and our headers", async () => {
  await using server = await RestServer.start(settings);
  for (
    const [path, method, methods] of [
      ["/calls", "GET", ["get", "head"]],
      ["/contracts/AG-1", "PUT", ["get", "put", "head"]],
      ["/webhooks/none", "DELETE", ["get", "delete", "head"]],
      ["/events/stream", "GET", ["get", "head"]],
    ] as const
  ) {
    const answer = await server.ask("OPTIONS", path, undefined, {
      origin: DESK,
      "access-control-request-method": method,
      "access-control-request-headers": "authorization, content-type",
    });
    assertEquals([answer.status, answer.text], [204, ""]);
    const cors = corsOf(answer);
    assertEquals(cors["access-control-allow-origin"], DESK);
    const allowed = names(cors["access-control-allow-methods"]);
    for (const name of methods) assertEquals([path, allowed.includes(name)], [path, true]);
    const headers = names(cors["access-control-allow-headers"]);
    for (const name of ["authorization", "content-type", "idempotency-key", "last-event-id"]) {
      assertEquals([name, headers.includes(name)], [name, true]);
    }
    assertEquals(names(answer.headers.get("vary") ?? "").includes("origin"), true);
    assertEquals(Number(cors["access-control-max-age"]) > 0, true);
  }
});

Deno.test("CORS: a preflight from another origin gets 403, and for an unknown path 404", async () => {
  await using server = await RestServer.start(settings);
  const ask = (origin: string, path: string) =>
    server.ask("OPTIONS", path, undefined, { origin, "access-control-request-method": "GET" });
  const foreign = await ask("https://evil.example", "/calls");
  assertEquals([foreign.status, corsOf(foreign)], [403, {}]);
  assertEquals((await ask(DESK, "/nothing")).status, 404);
});

Deno.test("CORS: a page of an allowed origin can read answers, refusals and our headers", async () => {
  await using server = await RestServer.start(settings);
  const list = await server.ask("GET", "/calls", undefined, { origin: DESK, ...BEARER });
  const keyless = await server.ask("GET", "/calls", undefined, { origin: DESK });
  const none = await server.ask("GET", "/nothing", undefined, { origin: DESK, ...BEARER });
  const typed = await server.ask("POST", "/contracts/create", "{}", {
    origin: DESK,
    "content-type": "text/plain",
    ...BEARER,
  });
  assertEquals([list, keyless, none, typed].map(({ status }) => status), [200, 401, 404, 415]);
  for (const answer of [list, keyless, none, typed]) {
    const cors = corsOf(answer);
    assertEquals(cors["access-control-allow-origin"], DESK);
    assertEquals(cors["access-control-allow-credentials"], undefined);
    assertEquals(names(answer.headers.get("vary") ?? "").includes("origin"), true);
    const exposed = names(cors["access-control-expose-headers"]);
    for (const name of ["x-request-id", "location", "retry-after", "content-range"]) {
      assertEquals([name, exposed.includes(name)], [name, true]);
    }
  }
});

Deno.test("CORS: every answer varies with the origin, and allows none when there is no Origin", async () => {
  await using server = await RestServer.start(settings);
  for (const path of ["/calls", "/nothing", "/contracts"]) {
    const answer = await server.ask("GET", path, undefined, BEARER);
    assertEquals([path, answer.headers.get("vary"), corsOf(answer)], [path, "Origin", {}]);
  }
  // The index also varies with what the client accepts.
  const index = await answerTo(server.url("/"), { headers: { origin: "http://localhost:3000" } });
  assertStringIncludes(index.headers.get("vary")!, "Origin");
  assertEquals(index.headers.get("access-control-allow-origin"), "http://localhost:3000");
});

Deno.test("CORS: a page of an allowed origin can read the event stream", async () => {
  await using server = await RestServer.start(settings);
  const leave = new AbortController();
  const headers = { origin: DESK, accept: "text/event-stream" };
  const url = server.url(`/api/v1/events/stream?key=${KEY}`);
  const opened = fetch(url, { headers, signal: leave.signal });
  const response = await within(opened, () => "the stream does not open");
  assertEquals([response.status, response.headers.get("access-control-allow-origin")], [200, DESK]);
  assertEquals(response.headers.get("vary"), "Origin");
  assertEquals(response.headers.get("access-control-allow-credentials"), null);
  await response.body!.cancel();
  const foreign = { origin: "https://evil.example" };
  const refused = await answerTo(url, { headers: foreign });
  assertEquals([refused.status, corsOf(refused)], [403, {}]);
});

Deno.test("CORS: * lets every page read, and never combines with credentials", async () => {
  await using server = await RestServer.start({ ...settings, ALLOWED_ORIGINS: "*" });
  for (const origin of ["https://evil.example", "null"]) {
    const answer = await server.ask("GET", "/calls", undefined, { origin, ...BEARER });
    assertEquals(corsOf(answer)["access-control-allow-origin"], "*");
    assertEquals(corsOf(answer)["access-control-allow-credentials"], undefined);
  }
});
