import { assert, assertEquals } from "@std/assert";
import type { Client, Message } from "../../support/client.ts";
import { databaseFile } from "../../support/database_file.ts";
import { KeptServer } from "../../support/kept_server.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { BUYER, SELLER, STRANGER } from "../../support/store_samples.ts";
import {
  dealBetween,
  listen,
  tellContract,
  tellPayment,
  toldIds,
  updates,
} from "../../support/told.ts";

const OTHERS = [STRANGER, SELLER] as const;

Deno.test("notifications without after speaks the document's wire, without event_id", async () => {
  await using server = await KeptServer.start();
  const deal = dealBetween("deal");
  await tellContract(server, deal);
  await using client = await listen(server);
  await tellPayment(server, deal, { units: 15010, toEveryone: true });
  await tellContract(server, { ...deal, status: "active" });
  await client.next({ type: "contract_update" });
  const timestamp = String(Math.floor(deal.createdAt.getTime() / 1000));
  const common = { contract_id: "deal", timestamp };
  assertEquals(client.messages, [
    { type: "payment_update", ...common, status: "pending", amount: 150.1 },
    { type: "contract_update", ...common, status: "active" },
  ]);
});

Deno.test("notifications with after sends what was missed, in order, and then live updates", async () => {
  await using server = await KeptServer.start();
  const deal = dealBetween("deal");
  const ids: number[] = [];
  for (let units = 1; units <= 5; units++) {
    ids.push(await tellPayment(server, deal, { units, toEveryone: false }));
  }
  await using client = await listen(server, BUYER, ids[1]);
  for (let units = 6; units <= 7; units++) {
    ids.push(await tellPayment(server, deal, { units, toEveryone: false }));
  }
  await client.next({ event_id: ids.at(-1)! });
  assertEquals(toldIds(client), ids.slice(2));
  assertEquals(updates(client).map(({ amount }) => amount), [0.03, 0.04, 0.05, 0.06, 0.07]);
});

Deno.test("notifications replays to a client exactly what it would have received live", async () => {
  await using server = await KeptServer.start();
  const [ours, theirs] = [dealBetween("ours"), dealBetween("theirs", OTHERS)];
  const told = [
    await tellContract(server, ours),
    await tellPayment(server, theirs, { units: 1, toEveryone: true }),
    await tellPayment(server, ours, { units: 2, toEveryone: false }),
  ];
  await tellContract(server, theirs);
  await tellPayment(server, theirs, { units: 3, toEveryone: false });
  const last = await tellContract(server, ours);
  await using client = await listen(server, BUYER, 0);
  await client.next({ event_id: last });
  assertEquals(toldIds(client), [...told, last]);
  const live = await tellPayment(server, theirs, { units: 4, toEveryone: true });
  await tellPayment(server, theirs, { units: 5, toEveryone: false });
  const end = await tellContract(server, ours);
  await client.next({ event_id: end });
  assertEquals(toldIds(client), [...told, last, live, end]);
});

Deno.test("notifications recognises a client by any spelling of its number", async () => {
  await using server = await KeptServer.start();
  const id = await tellContract(server, dealBetween("deal"));
  for (const written of ["+254712345678", "+254 712 345 678", "+254712-345678"]) {
    await using client = await listen(server, written, 0);
    await client.next({ event_id: id });
    const path = `/clients/${encodeURIComponent(written)}/inbox`;
    assertEquals((await server.rest("GET", path)).events.length, 1);
  }
});

Deno.test("notifications leaves no gap and no duplicate while hundreds of events are written", async () => {
  await using server = await KeptServer.start();
  const deal = dealBetween("deal");
  const tell = (units: number) => tellPayment(server, deal, { units, toEveryone: true });
  for (let units = 1; units <= 700; units++) await tell(units);
  const clients: Client[] = [];
  const connecting = (async () => {
    for (const after of [0, 0, 350, 699]) clients.push(await listen(server, BUYER, after));
  })();
  let last = 0;
  for (let units = 701; units <= 1400; units++) {
    last = await tell(units);
    // Gives connecting clients a turn.
    if (units % 20 === 0) await server.ask("GET", "/livez");
  }
  await connecting;
  last = await tell(1401);
  const all = (await server.server.services.store.events.after(0, {}, 2000)).map(({ id }) => id);
  for (const [at, after] of [0, 0, 350, 699].entries()) {
    await clients[at]!.next({ event_id: last });
    assertEquals(toldIds(clients[at]!), all.filter((id) => id > after));
    await clients[at]!.close();
  }
});

for (const after of [undefined, 0]) {
  const how = after === undefined ? "without" : "with";
  Deno.test(`notifications ${how} after sends thousands of events that are written at once`, async () => {
    await using server = await KeptServer.start();
    await using client = await listen(server, BUYER, after);
    const deal = dealBetween("deal");
    const amounts = Array.from({ length: 3000 }, (_, units) => units / 100);
    await Promise.all(
      amounts.map((_, units) => tellPayment(server, deal, { units, toEveryone: true })),
    );
    await client.next({ amount: amounts.at(-1)! });
    assertEquals(client.messages.map(({ amount }) => amount), amounts);
  });
}

Deno.test("notifications replays to a session with a small inbox", async () => {
  await using server = await KeptServer.start({ LIMIT_INBOX_EVENTS: "16" });
  const deal = dealBetween("deal");
  const ids: number[] = [];
  for (let units = 1; units <= 300; units++) {
    ids.push(await tellPayment(server, deal, { units, toEveryone: true }));
  }
  await using client = await listen(server, BUYER, 0);
  await client.next({ event_id: ids.at(-1)! });
  assertEquals(toldIds(client), ids);
});

Deno.test("notifications sends each socket of a client what follows its own after", async () => {
  await using server = await KeptServer.start();
  const deal = dealBetween("deal");
  const ids: number[] = [];
  for (let count = 0; count < 4; count++) ids.push(await tellContract(server, deal));
  await using far = await listen(server, BUYER, ids[0]);
  await using near = await listen(server, BUYER, ids[2]);
  await using plain = await listen(server, BUYER);
  const last = await tellContract(server, deal);
  await far.next({ event_id: last });
  await near.next({ event_id: last });
  await plain.next({ type: "contract_update" });
  assertEquals(toldIds(far), [...ids.slice(1), last]);
  assertEquals(toldIds(near), [ids[3], last]);
  assertEquals(plain.messages.length, 1);
  assert(!("event_id" in plain.messages[0]!));
});

Deno.test("notifications replays across a restart of the server", async () => {
  await using file = await databaseFile();
  const settings = { DATABASE_URL: file.url };
  const deal = dealBetween("deal");
  const ids: number[] = [];
  {
    await using server = await KeptServer.start(settings);
    await using client = await listen(server, BUYER, 0);
    ids.push(await tellContract(server, deal));
    await client.next({ event_id: ids[0]! });
    await client.close();
    ids.push(await tellContract(server, deal));
  }
  await using server = await KeptServer.start(settings);
  await using client = await listen(server, BUYER, ids[0]);
  ids.push(await tellContract(server, deal));
  await client.next({ event_id: ids[2]! });
  assertEquals(toldIds(client), ids.slice(1));
});

for (const to of ["everyone", "parties"]) {
  Deno.test(`notifications sends payments to ${to}, live and afterwards`, async () => {
    await using server = await KeptServer.start({ PAYMENT_UPDATES_TO: to });
    await using seller = await listen(server, SELLER, 0);
    await using stranger = await listen(server, STRANGER, 0);
    const { contract_id } = await server.rest("POST", "/contracts/create", {
      transcript: "I buy maize.",
      parties: [{ phone: BUYER, role: "buyer" }, { phone: SELLER, role: "seller" }],
      contract_type: "other",
      terms: {},
    });
    const request = { contract_id, amount: 10, currency: "KES", phone_number: BUYER };
    await server.rest("POST", "/payments/checkout", request);
    await seller.next({ type: "payment_update", amount: 10 });
    assertEquals(seller.messages.length, 1, "the document has no word for a new contract");
    const { events } = await server.rest("GET", `/clients/${SELLER}/inbox`);
    const told = events.map(({ type }: { type: string }) => type);
    assertEquals(told, ["contract_created", "payment_changed"]);
    // Any update for the stranger would come before this.
    await tellContract(server, dealBetween("theirs", OTHERS));
    await stranger.next({ type: "contract_update" });
    const types = to === "everyone" ? ["payment_update", "contract_update"] : ["contract_update"];
    assertEquals(stranger.messages.map(({ type }) => type), types);
    const inbox = await server.rest("GET", `/clients/${STRANGER}/inbox`);
    assertEquals(inbox.events.map(({ id }: { id: number }) => id), toldIds(stranger));
    await using again = await listen(server, STRANGER, 0);
    await again.next({ type: "contract_update" });
    assertEquals(again.messages, stranger.messages);
  });
}

Deno.test("GET /clients/{id}/inbox contains what the socket sent, page by page", async () => {
  await using server = await KeptServer.start();
  const deal = dealBetween("deal");
  await using client = await listen(server, BUYER, 0);
  for (let units = 1; units <= 5; units++) {
    await tellPayment(server, deal, { units, toEveryone: units % 2 === 0 });
  }
  const last = await tellContract(server, deal);
  await client.next({ event_id: last });
  const read = (query: string) => server.rest("GET", `/clients/${BUYER}/inbox${query}`);
  const { events, after } = await read("");
  assertEquals(events.map(updateOf), client.messages);
  assertEquals(after, last);
  const seen = [];
  for (let after = 0, page; (page = await read(`?after=${after}&limit=4`)).events.length > 0;) {
    seen.push(...page.events);
    after = page.after;
  }
  assertEquals(seen, events);
  assertEquals(await read(`?after=${last}`), { events: [], after: last });
  assertEquals((await read("?after=x")).status, 422);
  assertEquals((await read("?limit=0")).status, 422);
});

Deno.test("notifications refuses an invalid after before the upgrade", async () => {
  await using server = await KeptServer.start();
  for (const after of ["-1", "x", "1.5"]) {
    using socket = await RawSocket.connect(server.port);
    const answer = await socket.handshake(`/api/v1/ws/${BUYER}?after=${after}`);
    assertEquals(answer.status, 400);
    assertEquals(answer.headers.get("content-type"), "application/problem+json");
  }
});

/** An inbox event as a message of the notifications document. */
// deno-lint-ignore no-explicit-any
function updateOf({ id: event_id, at, type, contract_id, data }: any): Message {
  return {
    type: type === "payment_changed" ? "payment_update" : "contract_update",
    contract_id,
    status: data.status,
    ...(type === "payment_changed" ? { amount: data.amount } : {}),
    timestamp: String(Math.floor(Date.parse(at) / 1000)),
    event_id,
  };
}
