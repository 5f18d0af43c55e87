import { assertEquals, assertMatch } from "@std/assert";
import { Client } from "../../support/client.ts";
import { BUYER, openContract, pay, SELLER } from "../../support/deal.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const STRANGER = "+254700000001";
const UNIX_SECONDS = /^1\d{9}$|^[2-9]\d{9}$/;

Deno.test("notifications echoes the timestamp of a ping, for any JSON value", async () => {
  await using server = await TestServer.start();
  await using client = await connect(server, BUYER);
  const values = [0, -1, 1.5, 1e21, "", "now", true, false, null, [], [1, [null]], {}, { a: [{}] }];
  for (const timestamp of values) {
    client.send({ type: "ping", timestamp });
    assertEquals(await client.next(), { type: "pong", timestamp });
  }
});

Deno.test("notifications echoes null for a ping without a timestamp", async () => {
  await using server = await TestServer.start();
  await using client = await connect(server, BUYER);
  client.send({ type: "ping" });
  assertEquals(await client.next(), { type: "pong", timestamp: null });
});

Deno.test("notifications echoes a timestamp of nanoseconds digit by digit", async () => {
  await using server = await TestServer.start();
  using client = await RawSocket.open(server.port, `/api/v1/ws/${BUYER}`);
  for (const timestamp of ["1795248000123456789", "[-98765432109876543210]", '{"at":1.50}']) {
    await client.send(`{"type":"ping","timestamp":${timestamp}}`);
    const { payload } = await client.read();
    assertEquals(new TextDecoder().decode(payload), `{"type":"pong","timestamp":${timestamp}}`);
  }
});

Deno.test("notifications sends the stored status of a contract", async () => {
  await using server = await TestServer.start();
  await using client = await connect(server, STRANGER);
  const contract_id = await openContract(server);
  client.send({ type: "contract_status", contract_id });
  assertEquals(await client.next(), {
    type: "contract_status_response",
    contract_id,
    status: "pending",
  });
  await server.rest("PUT", `/contracts/${contract_id}`, { status: "cancelled" });
  client.send({ type: "contract_status", contract_id });
  assertEquals((await client.next({ type: "contract_status_response" }))["status"], "cancelled");
});

Deno.test("notifications answers not_found for a contract that is not stored", async () => {
  await using server = await TestServer.start();
  await using client = await connect(server, BUYER);
  for (const contract_id of ["contract_123", "", "🌽", "x".repeat(5000), "__proto__"]) {
    client.send({ type: "contract_status", contract_id });
    assertEquals(await client.next(), {
      type: "contract_status_response",
      contract_id,
      status: "not_found",
    });
  }
});

Deno.test("notifications sends contract_update to the contract's parties only", async () => {
  await using server = await TestServer.start();
  await using buyer = await connect(server, BUYER);
  await using seller = await connect(server, SELLER);
  await using stranger = await connect(server, STRANGER);
  const contract_id = await openContract(server);
  await server.rest("PUT", `/contracts/${contract_id}`, { status: "confirmed" });
  for (const party of [buyer, seller]) {
    const update = await party.next({ type: "contract_update", status: "confirmed" });
    assertEquals(Object.keys(update), ["type", "contract_id", "status", "timestamp"]);
    assertEquals(update["contract_id"], contract_id);
    assertMatch(update["timestamp"] as string, UNIX_SECONDS);
  }
  await receivesNothing(stranger);
});

Deno.test("notifications tells the parties when each of them has confirmed", async () => {
  await using server = await TestServer.start();
  await using seller = await connect(server, SELLER);
  const contract_id = await openContract(server);
  for (const party of [BUYER, SELLER]) {
    const query = new URLSearchParams({ phone_number: party });
    await server.rest("POST", `/contracts/${contract_id}/confirm?${query}`);
  }
  await seller.next({ type: "contract_update", contract_id, status: "confirmed" });
});

Deno.test("notifications sends payment_update to everyone", async () => {
  await using server = await TestServer.start();
  await using buyer = await connect(server, BUYER);
  await using stranger = await connect(server, STRANGER);
  const contract_id = await openContract(server);
  await pay(server, contract_id, 150.5);
  for (const client of [buyer, stranger]) {
    const update = await client.next({ type: "payment_update" });
    const { timestamp, ...rest } = update;
    assertEquals(rest, { type: "payment_update", contract_id, status: "pending", amount: 150.5 });
    assertMatch(timestamp as string, UNIX_SECONDS);
  }
});

Deno.test("notifications sends payment_update to the parties only if so configured", async () => {
  await using server = await TestServer.start({ settings: { PAYMENT_UPDATES_TO: "parties" } });
  await using buyer = await connect(server, BUYER);
  await using stranger = await connect(server, STRANGER);
  await pay(server, await openContract(server), 150);
  assertEquals((await buyer.next({ type: "payment_update" }))["amount"], 150);
  await receivesNothing(stranger);
});

Deno.test("notifications follows a payment to its end", async () => {
  await using server = await TestServer.start();
  await using client = await connect(server, STRANGER);
  const contract_id = await openContract(server);
  await server.rest("PUT", `/contracts/${contract_id}`, { status: "confirmed" });
  await pay(server, contract_id, 150.5);
  const { payments } = await server.rest("GET", `/payments/contract/${contract_id}`);
  const payment_id = payments[0].payment_id;
  for (const status of ["Success", "Released"]) {
    await server.rest("POST", "/payments/webhook", { transactionId: "T1", payment_id, status });
  }
  for (const status of ["pending", "locked", "released"]) {
    assertEquals((await client.next({ type: "payment_update" }))["status"], status);
  }
});

const IGNORED: [what: string, frame: string | Uint8Array<ArrayBuffer>, why: string][] = [
  ["malformed JSON", "{", "not json"],
  ["an empty frame", "", "not json"],
  ["an array", "[]", "bad shape"],
  ["a number", "1", "bad shape"],
  ["null", "null", "bad shape"],
  ["a string", '"ping"', "bad shape"],
  ["an unknown type", '{"type":"pang"}', "unknown type"],
  ["a type that is not text", '{"type":["ping"]}', "bad shape"],
  ["no type", '{"timestamp":1}', "bad shape"],
  ["a contract_status without an id", '{"type":"contract_status"}', "bad shape"],
  ["an id that is a number", '{"type":"contract_status","contract_id":1}', "bad shape"],
  ["one of our own messages", '{"type":"pong","timestamp":1}', "unknown type"],
  ["a deeply nested value", "[".repeat(20_000), "bad shape"],
  ["a binary frame", new Uint8Array([1, 2]), "binary refused"],
  ["an empty binary frame", new Uint8Array(), "binary refused"],
];

for (const [what, frame, why] of IGNORED) {
  Deno.test(`notifications does not answer ${what} and stays open`, async () => {
    await using server = await TestServer.start();
    await using client = await connect(server, BUYER);
    client.send(frame);
    client.send(frame);
    await receivesNothing(client);
    const logged = server.log.all.filter(({ msg }) => msg === "unexpected event");
    assertEquals(logged.map((line) => line["what"]), [why]);
    await client.close();
    const { unexpected: odd } = await server.log.some((line) =>
      line.msg === "session ended" && "unexpected" in line
    );
    assertEquals(odd, { [`${why} while connected`]: 2 });
  });
}

Deno.test("notifications keeps two sockets of one client apart", async () => {
  await using server = await TestServer.start();
  await using first = await connect(server, BUYER);
  await using second = await connect(server, BUYER);
  const contract_id = await openContract(server);
  await pay(server, contract_id, 1);
  await first.next({ type: "payment_update", amount: 1 });
  await second.next({ type: "payment_update", amount: 1 });
  await second.close();
  await server.log.some(({ msg }) => msg === "session ended");
  await pay(server, contract_id, 2);
  await first.next({ type: "payment_update", amount: 2 });
  await using third = await connect(server, BUYER);
  await pay(server, contract_id, 3);
  await first.next({ type: "payment_update", amount: 3 });
  await third.next({ type: "payment_update", amount: 3 });
});

Deno.test("notifications keeps serving the other clients when one is lost", async () => {
  await using server = await TestServer.start();
  await using client = await connect(server, BUYER);
  const lost = await RawSocket.open(server.port, `/api/v1/ws/${SELLER}`);
  const contract_id = await openContract(server);
  lost.leave();
  for (const amount of [1, 2, 3]) await pay(server, contract_id, amount);
  for (const amount of [1, 2, 3]) await client.next({ type: "payment_update", amount });
});

Deno.test("notifications notifies five hundred clients, each in order", async () => {
  await using server = await TestServer.start();
  const clients = await Promise.all(
    Array.from({ length: 500 }, (_, index) => connect(server, `+2547${10_000_000 + index}`)),
  );
  const contract_id = await openContract(server);
  const amounts = [1, 2, 3, 4, 5];
  for (const amount of amounts) await pay(server, contract_id, amount);
  for (const client of clients) {
    for (const amount of amounts) {
      assertEquals((await client.next({ type: "payment_update" }))["amount"], amount);
    }
  }
  await Promise.all(clients.map((client) => client.close()));
});

function connect(server: TestServer, clientId: string): Promise<Client> {
  return Client.open(server.ws(`/api/v1/ws/${clientId}`));
}

/** A ping is answered, and nothing came before the pong. */
async function receivesNothing(client: Client): Promise<void> {
  client.send({ type: "ping", timestamp: "still there" });
  await client.next({ type: "pong", timestamp: "still there" });
  assertEquals(client.messages.length, 1);
}
