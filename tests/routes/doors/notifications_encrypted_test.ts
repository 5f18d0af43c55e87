/** The notifications door for a client that has registered a public key. */
import { assert, assertEquals } from "@std/assert";
import { Client } from "../../support/client.ts";
import { BUYER, openContract, pay, SELLER } from "../../support/deal.ts";
import { KEY_FORMS, KeyHolder } from "../../support/key_holder.ts";
import { TestServer } from "../../support/server.ts";
import { within } from "../../support/arrivals.ts";

const PATH = `/clients/${BUYER}/encryption_key`;
const CIPHERTEXT = /^\{"type":"encrypted","jwe":"[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+"\}$/;

Deno.test("notifications encrypts every message except a pong for a client with a key", async () => {
  await using server = await TestServer.start();
  for (const form of KEY_FORMS) {
    const holder = await KeyHolder.make(form);
    await server.rest("PUT", PATH, holder.jwk);
    await using buyer = await Client.open(server.ws(`/api/v1/ws/${BUYER}`));
    await using seller = await Client.open(server.ws(`/api/v1/ws/${SELLER}`));
    const contract_id = await openContract(server);
    await server.rest("PUT", `/contracts/${contract_id}`, { status: "confirmed" });
    const update = await holder.readMessage(await buyer.next());
    assertEquals(update, await seller.next());
    assertEquals([update.type, update.status], ["contract_update", "confirmed"]);
    await pay(server, contract_id, 150);
    const payment = await holder.readMessage(await buyer.next());
    assertEquals(payment, await seller.next());
    assertEquals([payment.type, payment.amount], ["payment_update", 150]);
    buyer.send({ type: "contract_status", contract_id });
    assertEquals(await holder.readMessage(await buyer.next()), {
      type: "contract_status_response",
      contract_id,
      status: "confirmed",
    });
    buyer.send({ type: "ping", timestamp: 1 });
    assertEquals(await buyer.next(), { type: "pong", timestamp: 1 });
    const sealed = buyer.messages.filter(({ type }) => type !== "pong").map((it) =>
      JSON.stringify(it)
    );
    assertEquals(sealed.length, 3);
    for (const text of sealed) assert(CIPHERTEXT.test(text), text);
  }
});

Deno.test("notifications encrypts the missed updates of a client with a key", async () => {
  await using server = await TestServer.start();
  const holder = await KeyHolder.make();
  const ids: string[] = [];
  for (let at = 0; at < 5; at++) {
    const contract_id = await openContract(server);
    await server.rest("PUT", `/contracts/${contract_id}`, { status: "cancelled" });
    ids.push(contract_id);
  }
  await server.rest("PUT", PATH, holder.jwk);
  await using client = await Client.open(server.ws(`/api/v1/ws/${BUYER}?after=0`));
  const told: string[] = [];
  const eventIds: number[] = [];
  for (const _ of ids) {
    const update = await holder.readMessage(await client.next());
    told.push(update.contract_id);
    eventIds.push(update.event_id);
  }
  assertEquals(told, ids);
  assertEquals(eventIds, eventIds.toSorted((a, b) => a - b));
});

Deno.test("notifications encrypts a long past, page by page, and the updates that follow", async () => {
  await using server = await TestServer.start();
  const holder = await KeyHolder.make();
  const ids: string[] = [];
  const close = async () => {
    const contract_id = await openContract(server);
    await server.rest("PUT", `/contracts/${contract_id}`, { status: "cancelled" });
    ids.push(contract_id);
  };
  for (let at = 0; at < 40; at++) await close();
  await server.rest("PUT", PATH, holder.jwk);
  await using client = await Client.open(server.ws(`/api/v1/ws/${BUYER}?after=0`));
  for (let at = 0; at < 5; at++) await close();
  const told: string[] = [];
  for (const _ of ids) {
    const message = await client.next();
    assert(CIPHERTEXT.test(JSON.stringify(message)));
    told.push((await holder.readMessage(message)).contract_id);
  }
  assertEquals(told, ids);
});

Deno.test("notifications keeps its order while a key is added, changed and removed", async () => {
  await using server = await TestServer.start();
  await using client = await Client.open(server.ws(`/api/v1/ws/${BUYER}`));
  await using numbered = await Client.open(server.ws(`/api/v1/ws/${BUYER}?after=0`));
  const [first, second] = [await KeyHolder.make(KEY_FORMS[1]), await KeyHolder.make()];
  const contract_id = await openContract(server);
  const told: string[] = [];
  const move = async (status: string) => {
    told.push(status);
    await server.rest("PUT", `/contracts/${contract_id}`, { status });
  };
  await move("confirmed");
  await server.rest("PUT", PATH, { ...first.jwk, kid: "1" });
  await move("active");
  await move("disputed");
  await server.rest("PUT", PATH, { ...second.jwk, kid: "2" });
  await move("active");
  await move("completed");
  const url = server.http(`/api/v1${PATH}`);
  await within(fetch(url, { method: "DELETE" }), () => "the key is not removed");
  await move("disputed");
  await move("terminated");
  for (const socket of [client, numbered]) {
    const heard: string[] = [];
    const readers: string[] = [];
    for (const _ of told) {
      const message = await socket.next();
      const reader = message["type"] !== "encrypted" ? "everybody" : await kidOf(message["jwe"]);
      const holder = { "1": first, "2": second }[reader];
      const { status } = holder === undefined ? message : await holder.readMessage(message);
      readers.push(reader);
      heard.push(String(status));
    }
    assertEquals(heard, told);
    const everybody = "everybody";
    assertEquals(readers, [everybody, "1", "1", "2", "2", everybody, everybody]);
  }
});

Deno.test("notifications broadcasts a payment to clients with and without a key", async () => {
  await using server = await TestServer.start();
  const holders = await Promise.all(Array.from({ length: 20 }, () => KeyHolder.make()));
  await using stack = new AsyncDisposableStack();
  const clients: Client[] = [];
  for (const [at, holder] of holders.entries()) {
    const id = `+2547000000${String(at).padStart(2, "0")}`;
    if (at % 2 === 0) await server.rest("PUT", `/clients/${id}/encryption_key`, holder.jwk);
    clients.push(stack.use(await Client.open(server.ws(`/api/v1/ws/${id}`))));
  }
  const contract_id = await openContract(server);
  await pay(server, contract_id, 150.5);
  for (const [at, client] of clients.entries()) {
    const message = await client.next();
    const update = at % 2 === 0 ? await holders[at]!.readMessage(message) : message;
    assertEquals([update.type, update.amount], ["payment_update", 150.5]);
  }
});

function kidOf(jwe: unknown): string {
  const [header = ""] = String(jwe).split(".");
  const text = new TextDecoder().decode(Uint8Array.fromBase64(header, { alphabet: "base64url" }));
  return JSON.parse(text).kid;
}
