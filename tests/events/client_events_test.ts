/** Events for clients: the names of REST on every channel. */
import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { z } from "zod";
import { CALL_TYPES, ClientEvent, CONTRACT_TYPES, DeliveredEvent } from "../../events/schemas.ts";
import { clientEvent, deliveredEvent } from "../../events/client_events.ts";
import { CallEvents } from "../../routes/rest/calls.ts";
import { Inbox } from "../../routes/rest/client_inbox.ts";
import { openSqlite } from "../../store/sqlite/open.ts";
import { eachWithin, within } from "../support/arrivals.ts";
import { databaseFile } from "../support/database_file.ts";
import { type Answer, RestServer } from "../support/rest.ts";
import { contractWrite, sampleCall, sampleContract, START } from "../support/store_samples.ts";
import { WebhookReceiver } from "../support/webhook_receiver.ts";

const BUYER = "+254712345678";
const SELLER = "+254787654321";
const PARTIES = [
  { phone_number: BUYER, role: "buyer", name: "Wanjiru" },
  { phone_number: SELLER, role: "seller", name: null },
];
const DEAL = {
  transcript: "I buy ten bags of maize.",
  parties: [{ phone: BUYER, role: "buyer", name: "Wanjiru" }, { phone: SELLER, role: "seller" }],
  terms: { bags: 10 },
  total_amount: 150.1,
};
const AT = START.toISOString();

interface Told {
  readonly id: number;
  readonly type: string;
  readonly actor: string;
  readonly contract_id: string | null;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** A server with a contract that has every type of event. */
async function contractWithAllEvents(rest: RestServer): Promise<Answer["body"]> {
  const post = async (path: string, body?: unknown) => {
    const { status, body: answered } = await rest.ask("POST", path, body);
    assert(status < 300, JSON.stringify(answered));
    return answered;
  };
  const contract = await post("/contracts/create", DEAL);
  const path = `/contracts/${contract.contract_id}`;
  await post(`${path}/confirm?phone_number=${encodeURIComponent(BUYER)}`);
  await rest.ask("PUT", path, { terms: { bags: 9, total_amount: 135 } });
  await post(`${path}/confirm?phone_number=${encodeURIComponent(BUYER)}`);
  await post(`${path}/confirm?phone_number=${encodeURIComponent(SELLER)}`);
  const checkout = { contract_id: contract.contract_id, amount: 135, phone_number: BUYER };
  await post("/payments/checkout", checkout);
  return contract;
}

/** Reads the stream from its beginning up to an event. */
async function streamed(rest: RestServer, lastId: number): Promise<Told[]> {
  const told: Told[] = [];
  const url = rest.url("/api/v1/events/stream?last_event_id=0");
  const response = await within(fetch(url), () => `${url} is not answered`);
  let text = "";
  const parts = response.body!.pipeThrough(new TextDecoderStream());
  for await (const part of eachWithin(parts, () => `the stream ends with ${told.at(-1)?.id}`)) {
    const lines = (text + part).split("\n");
    text = lines.pop()!;
    for (const line of lines) {
      if (line.startsWith("data:")) told.push(JSON.parse(line.slice("data:".length)));
    }
    if ((told.at(-1)?.id ?? 0) >= lastId) break;
  }
  return told;
}

Deno.test("contracts: creation, signatures and new terms are events with the field names of REST", async () => {
  await using rest = await RestServer.start();
  const created = await contractWithAllEvents(rest);
  const { contract_id, created_at, expires_at, contract_type } = created;
  const { body } = await rest.ask("GET", `/clients/${SELLER}/inbox`);
  const { body: contract } = await rest.ask("GET", `/contracts/${contract_id}`);
  const { body: { payments: [payment] } } = await rest.ask(
    "GET",
    `/payments/contract/${contract_id}`,
  );
  const events = z.array(ClientEvent).parse(Inbox.parse(body).events);
  assertEquals(events.map(({ contract_id }) => contract_id), Array(7).fill(contract_id));
  const money = { currency: "KES" };
  const { contract_hash } = contract;
  const signed = (signed_by: string, count: number, more = {}) => ({
    status: "pending",
    signed_by,
    progress: { signed: count, total: 2, complete: count === 2 },
    contract_hash,
    parties: PARTIES,
    ...more,
  });
  const told = body.events.map(({ type, actor, data }: Told) => [type, actor, data]);
  const rest_ = "local";
  assertEquals(
    told,
    [
      ["contract_created", rest_, {
        status: "pending",
        created_at,
        expires_at,
        total_amount: 150.1,
        ...money,
        parties: PARTIES,
        contract_hash: created.contract_hash,
        contract_type,
        terms: { bags: 10 },
      }],
      ["contract_signed", BUYER, signed(BUYER, 1, { contract_hash: created.contract_hash })],
      ["terms_changed", rest_, {
        status: "pending",
        total_amount: 135,
        ...money,
        parties: PARTIES,
        contract_hash,
        terms: { bags: 9, total_amount: 135 },
      }],
      ["contract_signed", BUYER, signed(BUYER, 1)],
      ["contract_signed", SELLER, signed(SELLER, 2, { status: "confirmed" })],
      ["contract_changed", SELLER, { status: "confirmed", parties: PARTIES }],
      ["payment_changed", rest_, {
        payment_id: payment.payment_id,
        status: "pending",
        amount: 135,
        ...money,
        parties: PARTIES,
      }],
    ].toSpliced(7, 0),
  );
});

Deno.test("the stream, webhooks and the inbox carry the same data for a contract's event", async () => {
  await using receiver = new WebhookReceiver();
  await using rest = await RestServer.start({ WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8" });
  const hook = { url: receiver.url(), types: [...CONTRACT_TYPES] };
  assertEquals((await rest.ask("POST", "/webhooks", hook)).status, 201);
  await contractWithAllEvents(rest);
  const { body } = await rest.ask("GET", `/clients/${BUYER}/inbox`);
  const inbox: Told[] = body.events;
  assertEquals(await streamed(rest, body.after), inbox);
  const received = await within(
    receiver.count(inbox.length),
    () => `${receiver.received.length} of ${inbox.length} have come`,
  );
  const delivered = received.map(({ event }) => event);
  const bodies = delivered.toSorted((one, other) =>
    Number(one.data["event_id"]) - Number(other.data["event_id"])
  );
  assertEquals(
    bodies,
    inbox.map(({ id: event_id, type, actor, contract_id, data, ...more }) => ({
      type,
      timestamp: (more as unknown as { at: string }).at,
      data: { ...data, event_id, actor, contract_id },
    })),
  );
  for (const event of bodies) DeliveredEvent.parse(event);
});

Deno.test("started and ended have line, from and to, on the stream and in the call's record", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall("one", { from: BUYER, to: "5000" });
  await live.end();
  const { body } = await rest.ask("GET", `${live.path}/events`);
  const { body: call } = await rest.ask("GET", live.path);
  const { events } = CallEvents.parse(body);
  const ends = { line: "inbound", from: BUYER, to: "5000" } as const;
  const [started, ended] = ["started", "ended"].map((type) =>
    events.find((event) => event.type === type)?.data
  );
  assertEquals(started, { direction: "inbound", ...ends });
  assertEquals(ended, { ...ends, endedBy: call.endedBy, reason: "hangup" });
  const told = await streamed(rest, events.length);
  assertEquals(told.map(({ data }) => data), body.events.map(({ data }: Told) => data));
  for (const event of told) ClientEvent.parse(event);
});

Deno.test("a withheld caller is null in the events of the call", async () => {
  await using file = await databaseFile();
  {
    const store = await openSqlite(file.path);
    const data = { direction: "inbound" } as const;
    await store.calls.begin(sampleCall("c"), { type: "started", actor: "line", data }, START);
    await store.close();
  }
  using database = new DatabaseSync(file.path);
  database.exec("UPDATE calls SET doc = json_set(doc, '$.from', NULL)");
  const store = await openSqlite(file.path);
  const [started] = await store.events.after(0, {}, 1);
  await store.close();
  const data = { direction: "inbound", line: "inbound", from: null, to: "5000" };
  assertEquals(clientEvent(started!).data, data);
  ClientEvent.parse(clientEvent(started!));
});

Deno.test("events of earlier versions are returned in the current form", async () => {
  await using file = await databaseFile();
  {
    const store = await openSqlite(file.path);
    const started = { type: "started", actor: "line", data: { direction: "inbound" } } as const;
    await store.calls.begin(sampleCall("c", { from: "0712", to: "5000" }), started, START);
    await store.contracts.write(contractWrite(sampleContract("AG-1")));
    await store.close();
  }
  {
    using database = new DatabaseSync(file.path);
    const keep = database.prepare(
      `INSERT INTO events (at, type, actor, call_id, call_seq, contract_id, data)
       VALUES (?, ?, 'then', ?, ?, ?, ?)`,
    );
    const parties = `"parties":["${BUYER}","${SELLER}"]`;
    for (
      const [type, callId, seq, contractId, data] of [
        ["ended", "c", 2, null, '{"by":"caller","reason":"hung up"}'],
        ["contract_changed", null, null, "AG-1", `{"status":"active",${parties}}`],
        [
          "payment_changed",
          null,
          null,
          "AG-1",
          `{"paymentId":"PY-1","status":"locked","amountMinorUnits":15010,"currency":"KES",${parties}}`,
        ],
      ] as const
    ) keep.run(START.getTime(), type, callId, seq, contractId, data);
  }
  const store = await openSqlite(file.path);
  const events = await store.events.after(1, {}, 9);
  const [{ parties }] = [sampleContract("AG-1")];
  await store.close();
  const told = parties.map(({ phoneNumber: phone_number, role, name }) => ({
    phone_number,
    role,
    name,
  }));
  const common = { at: AT, actor: "then" };
  const ofContract = { ...common, call_id: null, seq: null, contract_id: "AG-1" };
  assertEquals(events.map(clientEvent), [
    {
      ...common,
      id: 2,
      type: "ended",
      call_id: "c",
      seq: 2,
      contract_id: null,
      data: { line: "inbound", from: "0712", to: "5000", endedBy: "caller", reason: "hung up" },
    },
    { ...ofContract, id: 3, type: "contract_changed", data: { status: "active", parties: told } },
    {
      ...ofContract,
      id: 4,
      type: "payment_changed",
      data: {
        payment_id: "PY-1",
        status: "locked",
        amount: 150.1,
        currency: "KES",
        parties: told,
      },
    },
  ]);
  for (const event of events) DeliveredEvent.parse(deliveredEvent(event));
});

Deno.test("the documents have one schema for the data of each event type", async () => {
  await using rest = await RestServer.start();
  const openapi = await (await fetch(rest.url("/openapi.json"))).json();
  const { schemas } = openapi.components;
  const delivered = openapi.webhooks.event.post.requestBody.content["application/json"].schema;
  assertEquals(delivered, { $ref: "#/components/schemas/DeliveredEvent" });
  const { data } = schemas.ContractSignedDelivery.properties;
  const named = Object.keys(schemas.ContractSignedEvent.properties.data.properties);
  assertEquals(Object.keys(data.properties), [...named, "event_id", "actor", "contract_id"]);
  const { mapping, propertyName } = schemas.Event.discriminator;
  assertEquals(propertyName, "type");
  assertEquals(Object.keys(mapping), [...CALL_TYPES, ...CONTRACT_TYPES]);
  assertEquals(schemas.Event.oneOf, Object.values(mapping).map(($ref) => ({ $ref })));
  for (const [type, reference] of Object.entries<string>(mapping)) {
    const name = reference.replace("#/components/schemas/", "");
    assertMatch(name, /^[A-Z][A-Za-z]*Event$/);
    const { properties } = schemas[name];
    assertEquals(properties.type.const, type);
    assertEquals(properties.data.type, "object");
  }
});
