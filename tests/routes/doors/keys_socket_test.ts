import { assert, assertEquals } from "@std/assert";
import { answerTo } from "../../support/http.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const settings = { API_KEYS: "first, s3cret:with:colons" };
const DOORS: [path: string, headers: Record<string, string>][] = [
  ["/", {}],
  ["/inbound", {}],
  ["/jambonz", { "sec-websocket-protocol": "ws.jambonz.org" }],
  ["/jambonz/adulting", { "sec-websocket-protocol": "ws.jambonz.org" }],
  ["/api/v1/ws/+254712345678", {}],
];
const SHOWN: [what: string, headers: Record<string, string>, query: string][] = [
  ["a bearer", { authorization: "Bearer first" }, ""],
  ["a bearer in lower case", { authorization: "bearer s3cret:with:colons" }, ""],
  ["a Basic password", { authorization: `Basic ${btoa("jambonz:first")}` }, ""],
  ["a Basic password with colons", { authorization: `Basic ${btoa("u:s3cret:with:colons")}` }, ""],
  ["a Basic password of nobody", { authorization: `Basic ${btoa(":first")}` }, ""],
  ["?key=", {}, "?key=first"],
  ["?key= escaped", {}, "?limit=1&key=s3cret%3Awith%3Acolons"],
];
const WRONG: [what: string, headers: Record<string, string>, query: string][] = [
  ["nothing", {}, ""],
  ["an unknown bearer", { authorization: "Bearer second" }, ""],
  ["the beginning of a key", { authorization: "Bearer firs" }, ""],
  ["all keys at once", { authorization: "Bearer first, s3cret:with:colons" }, ""],
  ["the key of servers without keys", { authorization: "Bearer dev" }, ""],
  ["an unknown Basic password", { authorization: `Basic ${btoa("first:second")}` }, ""],
  ["broken Basic credentials", { authorization: "Basic %%%" }, ""],
  ["an empty key", { authorization: "Bearer " }, "?key="],
  ["a key without a scheme", { authorization: "first" }, ""],
];

for (const [what, shown, query] of SHOWN) {
  Deno.test(`keys: ${what} opens every door`, async () => {
    await using server = await TestServer.start({ settings });
    for (const [path, headers] of DOORS) {
      using raw = await RawSocket.connect(server.port);
      const { status } = await raw.handshake(path + query, { ...headers, ...shown });
      assertEquals([path, status], [path, 101]);
    }
    const response = await answerTo(server.http(`/api/v1/calls${query}`), { headers: shown });
    assertEquals((await response.json()).calls, []);
  });
}

for (const [what, shown, query] of WRONG) {
  Deno.test(`keys: ${what} opens no door: 401 before the upgrade`, async () => {
    await using server = await TestServer.start({ settings });
    const watch = ["/ws/v1/liveCalls?conversationToken=x", {}] as (typeof DOORS)[0];
    for (const [path, headers] of [...DOORS, ...(query === "" ? [watch] : [])]) {
      using raw = await RawSocket.connect(server.port);
      const answer = await raw.handshake(path + query, { ...headers, ...shown });
      assertEquals([path, answer.status], [path, 401]);
      assertEquals(answer.headers.get("content-type"), "application/problem+json");
      assertEquals(answer.headers.get("x-request-id")?.length, 36);
    }
  });
}

Deno.test("keys: REST requires one on each of its routes", async () => {
  await using server = await TestServer.start({ settings });
  const guarded = server.server.routes.filter(({ scope, method }) =>
    scope !== "everyone" && method !== "WS"
  );
  assert(guarded.length > 10);
  for (const { method, path: pattern } of guarded) {
    const path = pattern.replaceAll(/:\w+/g, "1");
    const response = await answerTo(server.http(path), { method });
    await response.body?.cancel();
    assertEquals([method, path, response.status], [method, path, 401]);
    assertEquals(response.headers.get("www-authenticate")?.startsWith("Bearer"), true);
  }
});

Deno.test("keys: health, the list of routes and the documents are open", async () => {
  await using server = await TestServer.start({ settings });
  for (const path of ["/livez", "/readyz", "/", "/asyncapi.json"]) {
    const response = await answerTo(server.http(path));
    await response.body?.cancel();
    assertEquals([path, response.status], [path, 200]);
  }
});

Deno.test("keys: a child leg may append /adulting to the key in the query", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.connect(server.port);
  const { status } = await raw.handshake("/jambonz?key=first/adulting", {
    "sec-websocket-protocol": "ws.jambonz.org",
  });
  assertEquals(status, 101);
});

Deno.test("keys: none is required on loopback without settings, except for live calls", async () => {
  await using server = await TestServer.start();
  for (const [path, headers] of DOORS) {
    using raw = await RawSocket.connect(server.port);
    assertEquals((await raw.handshake(path, headers)).status, 101);
  }
  using raw = await RawSocket.connect(server.port);
  const { status } = await raw.handshake("/ws/v1/liveCalls?conversationToken=x");
  assertEquals(status, 401);
});
