import { assertEquals } from "@std/assert";
import { Client } from "../../support/client.ts";
import { openContract, SELLER } from "../../support/deal.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const PARTY = "+254712345678";

for (const clientId of [PARTY, "%2B254712345678", "%2b254712345678", "254712345678"]) {
  Deno.test(`notifications recognises the party that connects as ${clientId}`, async () => {
    await using server = await TestServer.start();
    await using client = await Client.open(server.ws(`/api/v1/ws/${clientId}`));
    const contract_id = await openContract(server, [PARTY, SELLER]);
    await server.rest("PUT", `/contracts/${contract_id}`, { status: "cancelled" });
    await client.next({ type: "contract_update", contract_id, status: "cancelled" });
  });
}

const TAKEN: [what: string, clientId: string][] = [
  ["128 characters", "x".repeat(128)],
  ["an escaped slash", "a%2Fb"],
  ["a name", "web-dashboard"],
  ["umlauts", "J%C3%BCrgen"],
  ["an escaped space", "%20"],
];

for (const [what, clientId] of TAKEN) {
  Deno.test(`notifications accepts a client_id of ${what}`, async () => {
    await using server = await TestServer.start();
    await using client = await Client.open(server.ws(`/api/v1/ws/${clientId}`));
    client.send({ type: "ping", timestamp: 1 });
    await client.next({ type: "pong", timestamp: 1 });
  });
}

const REFUSED: [what: string, clientId: string][] = [
  ["nothing", ""],
  ["129 characters", "x".repeat(129)],
  ["a NUL", "a%00b"],
  ["a line end", "a%0A"],
  ["a delete", "%7F"],
  ["a C1 control", "%C2%85"],
  ["half an escape", "%2"],
  ["an escape that is not hex", "%zz"],
  ["bytes that are not UTF-8", "%FF"],
  ["half a character", "%C3"],
];

for (const [what, clientId] of REFUSED) {
  Deno.test(`notifications refuses a client_id of ${what}`, async () => {
    await using server = await TestServer.start();
    using raw = await RawSocket.connect(server.port);
    const { status, headers, body } = await raw.handshake(`/api/v1/ws/${clientId}`);
    assertEquals([status, headers.get("content-type")], [400, "application/problem+json"]);
    assertEquals(JSON.parse(body).status, 400);
    assertEquals(headers.get("x-request-id")?.length, 36);
    assertEquals(server.log.all.filter(({ level }) => level === "error"), []);
  });
}

Deno.test("notifications returns 404 for a path with more than a client_id", async () => {
  await using server = await TestServer.start();
  using raw = await RawSocket.connect(server.port);
  assertEquals((await raw.handshake("/api/v1/ws/a/b")).status, 404);
});
