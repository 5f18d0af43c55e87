/** A key that is bound to clients sees their contracts and signs for them, and knows of no others. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Client } from "../../support/client.ts";
import { KeyedServer, type MadeKey, ROOT_KEY } from "../../support/keyed_server.ts";
import { ServerEvents } from "../../support/server_events.ts";
import { WebhookReceiver } from "../../support/webhook_receiver.ts";

const [ANN, BEN, CAT, DAN] = ["+254712345671", "+254712345672", "+254712345673", "+254712345674"];

/** A server, contracts of Ann with Ben and of Cat with Dan, and a key for Ann. */
async function twoContracts() {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await KeyedServer.start());
  // Spelt as people do: the bounds are those of the number.
  const key = await server.key({ scopes: ["all"], clients: ["254 712-345671"] });
  const mine = await open(server, ROOT_KEY, ANN!, BEN!);
  const theirs = await open(server, ROOT_KEY, CAT!, DAN!);
  return { server, key, mine, theirs, stack: stack.move() };
}

async function open(
  server: KeyedServer,
  key: string,
  buyer: string,
  seller: string,
): Promise<string> {
  const { status, body } = await server.ask(key, "POST", "/contracts/create", deal(buyer, seller));
  assertEquals(status, 201, JSON.stringify(body));
  return body.contract_id;
}

function deal(buyer: string, seller: string) {
  return {
    transcript: "two bags",
    terms: { product: "maize" },
    total_amount: 100,
    parties: [{ phone: buyer, role: "buyer" }, { phone: seller, role: "seller" }],
  };
}

async function pay(server: KeyedServer, contractId: string, phone: string): Promise<string> {
  const body = { contract_id: contractId, amount: 100, phone_number: phone };
  return (await server.ask(ROOT_KEY, "POST", "/payments/checkout", body)).body.payment_id;
}

const query = (phone: string) => `phone_number=${encodeURIComponent(phone)}`;

Deno.test("a key bound to a client: another contract is answered like one that there is not", async () => {
  const { server, key, mine, theirs, stack } = await twoContracts();
  await using _stack = stack;
  const [myPayment, theirPayment] = [
    await pay(server, mine, ANN!),
    await pay(server, theirs, CAT!),
  ];
  const payment = { amount: 1, phone_number: ANN };
  const asked: [method: string, path: (id: string) => string, body?: (id: string) => unknown][] = [
    ["GET", (id) => `/contracts/${id}`],
    ["GET", (id) => `/contracts/${id}/status`],
    ["GET", (id) => `/payments/contract/${id}`],
    ["PUT", (id) => `/contracts/${id}`, () => ({ terms: { product: "beans" } })],
    ["POST", (id) => `/contracts/${id}/confirm?${query(ANN!)}`],
    ["POST", () => "/payments/checkout", (id) => ({ ...payment, contract_id: id })],
  ];
  for (const [method, path, body] of asked) {
    const ask = (id: string) => server.ask(key.key, method, path(id), body?.(id));
    const first = await ask(mine);
    assert(first.status < 300, `${method} ${path(mine)}: ${JSON.stringify(first.body)}`);
    const [other, none] = [await ask(theirs), await ask("AG-261121-ABCDEF")];
    assertEquals([path(""), other.status], [path(""), 404]);
    assertEquals(other.body.detail.replace(theirs, "AG-261121-ABCDEF"), none.body.detail);
  }
  assertEquals((await server.ask(key.key, "GET", `/payments/${myPayment}`)).status, 200);
  const [hidden, none] = [
    await server.ask(key.key, "GET", `/payments/${theirPayment}`),
    await server.ask(key.key, "GET", "/payments/none"),
  ];
  assertEquals([hidden.status, none.status], [404, 404]);
  assertEquals(hidden.body.detail.replace(theirPayment, "none"), none.body.detail);
});

Deno.test("a key bound to several clients: a contract between two of them counts once, on every page", async () => {
  const { server, mine, stack } = await twoContracts();
  await using _stack = stack;
  const other = await open(server, ROOT_KEY, BEN!, CAT!);
  const key = await server.key({ scopes: ["contracts:read"], clients: [ANN!, BEN!] });
  const pages: unknown[] = [];
  for (let cursor = ""; cursor !== "end";) {
    const { body } = await server.ask(key.key, "GET", `/contracts?limit=1${cursor}`);
    pages.push([body.contracts[0].contract_id, body.total]);
    cursor = body.next_cursor === undefined ? "end" : `&cursor=${body.next_cursor}`;
  }
  assertEquals(pages, [[other, 2], [mine, 2]]);
});

Deno.test("a key bound to a client: its list has its contracts, and counts no others", async () => {
  const { server, key, mine, stack } = await twoContracts();
  await using _stack = stack;
  const { body } = await server.ask(key.key, "GET", "/contracts");
  assertEquals(body.contracts.map((found: { contract_id: string }) => found.contract_id), [mine]);
  assertEquals(body.total, 1);
  assertEquals((await server.ask(key.key, "GET", `/contracts?${query(CAT!)}`)).body.total, 0);
  assertEquals((await server.ask(key.key, "GET", "/calls")).body.calls, []);
  assertEquals((await server.ask(ROOT_KEY, "GET", "/contracts")).body.total, 2);
});

Deno.test("a key bound to a client signs and pays for it, and for nobody else", async () => {
  const { server, key, mine, stack } = await twoContracts();
  await using _stack = stack;
  const sign = (phone: string) =>
    server.ask(key.key, "POST", `/contracts/${mine}/confirm?${query(phone)}`);
  const refused = await sign(BEN!);
  assertEquals(refused.status, 403);
  assertStringIncludes(refused.body.detail, `Cannot act for ${BEN} with key:${key.id} crm`);
  assertEquals((await sign(ANN!)).status, 200);
  // By hand a contract would be confirmed without Ben.
  for (const status of ["confirmed", "active", "completed"]) {
    const moved = await server.ask(key.key, "PUT", `/contracts/${mine}`, { status });
    assertEquals([status, moved.status], [status, 403]);
  }
  const checkout = { contract_id: mine, amount: 100, phone_number: BEN };
  assertEquals((await server.ask(key.key, "POST", "/payments/checkout", checkout)).status, 403);
  const foreign = await server.ask(key.key, "POST", "/contracts/create", deal(CAT!, DAN!));
  assertEquals(foreign.status, 403);
  await open(server, key.key, ANN!, CAT!);
  assertEquals(
    (await server.ask(key.key, "PUT", `/contracts/${mine}`, { status: "cancelled" })).status,
    200,
  );
});

Deno.test("a key bound to a client settles payments of its contracts only", async () => {
  const { server, key, mine, theirs, stack } = await twoContracts();
  await using _stack = stack;
  const theirPayment = await pay(server, theirs, CAT!);
  const settle = (body: object) => server.ask(key.key, "POST", "/payments/webhook", body);
  const told = await settle({ payment_id: theirPayment, status: "Success" });
  const none = await settle({ payment_id: "PY-none", status: "Success" });
  assertEquals([told.status, none.status], [404, 404]);
  assertEquals(told.body.detail.replace(theirPayment, "PY-none"), none.body.detail);
  const myPayment = await pay(server, mine, ANN!);
  // Not even by a conflict may it learn of the other payment.
  const both = await settle({
    transactionId: theirPayment,
    payment_id: myPayment,
    status: "Success",
  });
  assertEquals(both.status, 404);
  assertEquals((await settle({ payment_id: myPayment, status: "Success" })).body.status, "locked");
});

Deno.test("the notifications door and the inbox are for the clients of a key only", async () => {
  const { server, key, stack } = await twoContracts();
  await using _stack = stack;
  for (
    const [client, door, inbox] of [[ANN, 101, 200], [CAT, 404, 404], ["x", 404, 404]] as const
  ) {
    assertEquals(await server.handshake(key.key, `/api/v1/ws/${client}`), door);
    assertEquals((await server.ask(key.key, "GET", `/clients/${client}/inbox`)).status, inbox);
  }
  // In any spelling.
  assertEquals(await server.handshake(key.key, "/api/v1/ws/254712345671"), 101);
});

Deno.test("a key bound to a client hears of its contracts only, also of what is for everyone", async () => {
  const { server, key, mine, theirs, stack } = await twoContracts();
  await using _stack = stack;
  await using live = await server.open(key.key, `/api/v1/ws/${ANN}`);
  await using everyone = await server.open(ROOT_KEY, `/api/v1/ws/${ANN}`);
  await using stream = await ServerEvents.open(server, key.key, "/events/stream?last_event_id=0");
  // A payment goes to everyone who is connected.
  await pay(server, theirs, CAT!);
  await pay(server, mine, ANN!);
  await everyone.next({ type: "payment_update", contract_id: theirs });
  await live.next({ type: "payment_update", contract_id: mine });
  assertEquals(live.messages.map(({ contract_id }) => contract_id), [mine]);
  await using replayed = await server.open(key.key, `/api/v1/ws/${ANN}?after=0`);
  await replayed.next({ type: "payment_update", contract_id: mine });
  assertEquals(replayed.messages.map(({ contract_id }) => contract_id), [mine]);
  await stream.next((data) => data["payment_id"] !== undefined);
  assertEquals(new Set(stream.all.map(({ contract_id }) => contract_id)), new Set([mine]));
  const inbox = await server.ask(key.key, "GET", `/clients/${ANN}/inbox`);
  const contracts = inbox.body.events.map((event: { contract_id: string }) => event.contract_id);
  assertEquals(new Set(contracts), new Set([mine]));
  await asksStatus(live, mine, "pending");
  await asksStatus(live, theirs, "not_found");
});

async function asksStatus(client: Client, contractId: string, status: string): Promise<void> {
  client.send({ type: "contract_status", contract_id: contractId });
  await client.next({ type: "contract_status_response", contract_id: contractId, status });
}

Deno.test("a ticket for a client tells the status of its contracts only, whatever its key sees", async () => {
  const { server, mine, theirs, stack } = await twoContracts();
  await using _stack = stack;
  const { body } = await server.ask(ROOT_KEY, "POST", `/clients/${ANN}/tickets`);
  await using client = await Client.open(server.test.ws(body.url));
  await asksStatus(client, mine, "pending");
  await asksStatus(client, theirs, "not_found");
});

Deno.test("a webhook of a bound key delivers what is within its bounds", async () => {
  await using receiver = new WebhookReceiver();
  await using server = await KeyedServer.start({ settings: { WEBHOOK_ALLOW_PRIVATE: "*" } });
  const bounds = { clients: [ANN!], numbers: ["5000"] };
  const { key } = await server.key({ scopes: ["webhooks"], ...bounds });
  const request = { url: receiver.url(), types: ["contract_created", "started"] };
  const { body: made } = await server.ask(key, "POST", "/webhooks", request);
  await using _theirCall = await server.inboundCall("6000");
  await open(server, ROOT_KEY, CAT!, DAN!);
  await using _myCall = await server.inboundCall("5000");
  const mine = await open(server, ROOT_KEY, ANN!, BEN!);
  const posts = await receiver.count(2);
  const about = posts.map(({ event: { data } }) => data["to"] ?? data["contract_id"]);
  assertEquals(new Set(about), new Set(["5000", mine]));
  const { deliveries } = (await server.ask(key, "GET", `/webhooks/${made.id}/deliveries`)).body;
  assertEquals(deliveries.length, 2);
});

Deno.test("a key bound to a client has its own webhooks, and sees no others", async () => {
  await using server = await KeyedServer.start({ settings: { WEBHOOK_ALLOW_PRIVATE: "*" } });
  const scopes = ["webhooks"] as const;
  const mine = await server.key({ scopes, clients: [ANN!] });
  const other = await server.key({ scopes, clients: [CAT!] });
  const add = async ({ key }: MadeKey) => {
    const request = { url: "http://127.0.0.1:9/", types: ["*"] };
    return (await server.ask(key, "POST", "/webhooks", request)).body.id as string;
  };
  const [myHook, theirHook] = [await add(mine), await add(other)];
  const list = (await server.ask(mine.key, "GET", "/webhooks")).body.webhooks;
  assertEquals(list.map(({ id }: { id: string }) => id), [myHook]);
  const change = { url: "http://127.0.0.1:9/", types: ["ended"] };
  for (
    const [method, path, body] of [
      ["GET", ""],
      ["PUT", "", change],
      ["GET", "/deliveries"],
      ["GET", "/deliveries/msg_1"],
      ["POST", "/deliveries/msg_1/replay"],
      ["DELETE", ""],
    ] as [string, string, unknown?][]
  ) {
    const { status } = await server.ask(mine.key, method, `/webhooks/${theirHook}${path}`, body);
    assertEquals([method, path, status], [method, path, 404]);
  }
  assertEquals((await server.ask(ROOT_KEY, "GET", "/webhooks")).body.webhooks.length, 2);
});
