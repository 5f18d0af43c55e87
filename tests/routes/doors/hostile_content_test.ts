/** Text that would be dangerous if anything took it for code, markup or a header. */
import { assert, assertEquals } from "@std/assert";
import { Client } from "../../support/client.ts";
import { BUYER, SELLER } from "../../support/deal.ts";
import { answerTo } from "../../support/http.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const DOORS = ["/", "/inbound", "/jambonz", "/ws/v1/liveCalls", "/api/v1/ws/a"];

const HOSTILE = [
  "<script>alert(document.domain)</script>",
  '"><img src=x onerror=alert(1)>',
  "'; DROP TABLE contracts; --",
  "' OR '1'='1",
  'x"; UPDATE contracts SET doc = "{}"; --',
  "$(touch /tmp/owned) `touch /tmp/owned` | touch /tmp/owned",
  "../../../../etc/passwd",
  "file:///etc/passwd",
  "${process.env.API_KEYS} {{7*7}} <%= 7*7 %>",
  "%s%n%x",
  "\r\nSet-Cookie: a=b\r\n\r\n<h1>",
  "\u202e\u2066gnp.exe",
  "__proto__",
  "constructor.prototype",
];

Deno.test("hostile text is stored and sent as plain text", async () => {
  await using server = await TestServer.start();
  await using party = await Client.open(server.ws(`/api/v1/ws/${BUYER}`));
  const ids: string[] = [];
  for (const text of HOSTILE) {
    const { contract_id } = await server.rest("POST", "/contracts/create", {
      transcript: text,
      parties: [{ phone: BUYER, role: "buyer", name: text }, { phone: SELLER, role: "seller" }],
      contract_type: "other",
      terms: { product: text, nested: { list: [text] } },
      total_amount: 150.5,
      currency: "KES",
    });
    ids.push(contract_id);
    const contract = await server.rest("GET", `/contracts/${contract_id}`);
    assertEquals(contract.parties[0].name, text);
    assertEquals(contract.terms, { product: text, nested: { list: [text] } });
    party.send({ type: "contract_status", contract_id: text });
    assertEquals(await party.next(), {
      type: "contract_status_response",
      contract_id: text,
      status: "not_found",
    });
    const query = new URLSearchParams({ type: text });
    const { status } = await ask(server, `/api/v1/events/stream?${query}`);
    assertEquals(status, 422, text);
    assertEquals((await ask(server, `/api/v1/contracts/${encodeURIComponent(text)}`)).status, 404);
  }
  const { contracts } = await server.rest("GET", "/contracts?limit=100");
  const listed = contracts.map(({ contract_id }: { contract_id: string }) => contract_id);
  assertEquals(listed.toSorted(), ids.toSorted());
});

Deno.test("hostile text in a call is stored and sent as plain text", async () => {
  await using server = await TestServer.start({
    settings: { INBOUND_DTMF_AFTER_MS: "never", INBOUND_HANGUP_AFTER_MS: "never" },
  });
  for (const text of HOSTILE) {
    await using line = await Client.open(server.ws("/inbound"));
    line.send({ event: "incoming_call", callerId: text, didNumber: text, sessionId: text });
    await line.next({ event: "answer" });
    const { id, liveConversationToken } = await server.call("inbound", text);
    const path = `/ws/v1/liveCalls?conversationToken=${liveConversationToken}`;
    await using watcher = await Client.open(server.ws(path), {
      headers: { authorization: "Bearer dev" },
    });
    assertEquals((await watcher.next({ type: "event:start" }))["phone"], text);
    await server.rest("POST", `/calls/${id}/transcript`, { role: "other", text });
    const { transcript: [{ msg }] } = await server.rest("GET", `/calls/${id}/transcript`);
    assertEquals(msg, text.trim());
    const { from } = await server.rest("GET", `/calls/${id}`);
    assertEquals(from, text);
  }
});

Deno.test("content of our pages is never interpreted as another type of markup", async () => {
  await using server = await TestServer.start();
  for (
    const path of ["/", "/livez", "/openapi.json", "/asyncapi.json", "/api/v1/calls", "/nothing"]
  ) {
    const { headers } = await ask(server, path);
    const type = headers.get("content-type") ?? "";
    assert(/^application\/(problem\+)?json|^text\/html; ?charset=utf-8/i.test(type), path + type);
  }
});

Deno.test("no door negotiates compression", async () => {
  await using server = await TestServer.start({ settings: { API_KEYS: "k".repeat(32) } });
  const offers = [
    "permessage-deflate",
    "permessage-deflate; client_max_window_bits; server_no_context_takeover",
    "x-webkit-deflate-frame, permessage-bzip2",
  ];
  for (const door of DOORS) {
    for (const offer of offers) {
      using raw = await RawSocket.connect(server.port);
      const { status, headers } = await raw.handshake(door, {
        "sec-websocket-extensions": offer,
        authorization: `Bearer ${"k".repeat(32)}`,
        ...(door === "/jambonz" ? { "sec-websocket-protocol": "ws.jambonz.org" } : {}),
      });
      // The live calls want the token of a call as well.
      assertEquals(status, door.endsWith("liveCalls") ? 400 : 101, door);
      assertEquals(headers.get("sec-websocket-extensions"), null, door);
    }
  }
});

Deno.test("no answer sets a cookie", async () => {
  await using server = await TestServer.start();
  for (const door of DOORS) {
    using raw = await RawSocket.connect(server.port);
    const { headers } = await raw.handshake(door, { cookie: "session=1" });
    assertEquals(headers.get("set-cookie"), null, door);
  }
  for (const path of ["/", "/docs", "/api/v1/calls", "/api/v1/contracts", "/nothing"]) {
    assertEquals((await ask(server, path)).headers.get("set-cookie"), null, path);
  }
});

async function ask(server: TestServer, path: string): Promise<Response> {
  const response = await answerTo(server.http(path), { headers: { cookie: "session=1" } });
  await response.body?.cancel();
  return response;
}
