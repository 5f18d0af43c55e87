/**
 * A small run without faults: clients' logs and the matching record.
 * @module
 */
import { createHash } from "node:crypto";
import type { Json, Logs } from "./logs.ts";
import type { AuditRow, DatabaseRecord, RecordedCall, RecordedEvent } from "./record.ts";

/** Removes `readonly`, so that a test can change it. */
export type Doctored<Value> = Value extends readonly (infer Item)[] ? Doctored<Item>[]
  : Value extends object ? { -readonly [Name in keyof Value]: Doctored<Value[Name]> }
  : Value;

/** Logs and a record without a fault. */
export interface Sample {
  readonly logs: Doctored<Logs>;
  readonly record: Doctored<DatabaseRecord>;
}

const AT = Date.UTC(2026, 10, 21, 8);
const ISO = new Date(AT).toISOString();
const BUYER = "+254712000001";
const SELLER = "+254712000002";
const PARTIES = [BUYER, SELLER].map((phone_number) => ({
  phone_number,
  role: "buyer",
  name: null,
}));
const CDR = { event: "cdr", hangupCauseText: "made for inbound-1" };

/** A new copy of the sample. */
export function sample(): Sample {
  return structuredClone({ logs: logs(), record: record() }) as Sample;
}

function logs(): Logs {
  const told: Json[] = [
    { type: "event:start", phone: "+15083081000", timestamp: ISO, seq: 1 },
    { type: "transcript", msg: "words-1", role: "other", seq: 4 },
    { type: "transcript", msg: "segment-1", role: "user", seq: 6 },
    { type: "event:callEnd", timestamp: ISO, seq: 7 },
  ];
  const news: Json[] = [
    {
      type: "contract_update",
      contract_id: "AG-1",
      status: "confirmed",
      timestamp: String(AT / 1000),
      event_id: 20,
    },
    {
      type: "payment_update",
      contract_id: "AG-1",
      status: "locked",
      timestamp: String(AT / 1000),
      event_id: 21,
      amount: 150.1,
    },
  ];
  return {
    inbound: [{
      sessionId: "inbound-1",
      from: "+254712345678",
      to: "5000",
      answered: true,
      digits: "1*",
      hangupHeard: false,
      hangupSent: true,
      cdr: CDR,
      closedWith: 1000,
    }],
    jambonz: [{
      callSid: "jambonz-1",
      from: "+15083081000",
      to: "1001",
      acks: 2,
      greetings: 1,
      reconnects: 1,
      hooks: [{ digits: "", speech: "words-1", acknowledged: true }],
      ending: "completed",
    }],
    watches: [{
      callId: "call-2",
      token: "token-2",
      userId: "+15550000001",
      told,
      sockets: [{ after: 0, numbers: [1] }, { after: 1, numbers: [4, 6, 7] }],
      asks: [{ type: "client:endCall", id: "ask-1", acks: 2, errors: 0 }],
      endHeard: true,
    }],
    parties: [
      { clientId: BUYER, told: news, sockets: [{ after: 0, numbers: [20, 21] }] },
    ],
    deals: [{
      product: "deal-1",
      phones: [BUYER, SELLER],
      amount: 150.1,
      contractId: "AG-1",
      signed: [BUYER, SELLER],
      paymentId: "PY-1",
      transactionId: "T-deal-1",
      settled: true,
      completed: false,
      requests: [{
        what: "POST /api/v1/contracts/create/manual",
        key: "key-1",
        answers: [{ status: 201, body: "{}" }, { status: 201, body: "{}" }],
      }],
    }],
    segments: [{ callId: "call-2", text: "segment-1", seq: 6, requests: [] }],
    streams: [{
      types: ["contract_changed"],
      told: [{
        id: 20,
        at: ISO,
        type: "contract_changed",
        actor: "rest",
        call_id: null,
        seq: null,
        contract_id: "AG-1",
        data: { status: "confirmed", parties: PARTIES },
      }],
      sockets: [{ after: 0, numbers: [20] }],
    }],
    receivers: [{
      types: ["payment_changed"],
      deliveries: [{ id: "msg-1", eventId: 21 }, { id: "msg-1", eventId: 21 }],
      requests: [],
    }],
  };
}

function record(): DatabaseRecord {
  const contract = {
    id: "AG-1",
    status: "active",
    terms: { product: "deal-1" },
    parties: [BUYER, SELLER].map((phoneNumber) => ({ phoneNumber, role: "buyer", name: null })),
    signatures: [{ phoneNumber: BUYER }, { phoneNumber: SELLER }],
  };
  const payment = {
    id: "PY-1",
    contractId: "AG-1",
    status: "locked",
    amountMinorUnits: 15010,
    transactionId: "T-deal-1",
  };
  const news = (id: number, type: string, toEveryone: boolean, data: Json) => ({
    id,
    at: AT,
    type,
    actor: "rest",
    contractId: "AG-1",
    toEveryone,
    data,
  });
  return {
    calls: [inboundCall(), jambonzCall()],
    news: [
      news(17, "contract_created", false, { status: "pending" }),
      news(18, "contract_signed", false, { status: "pending", signedBy: BUYER }),
      news(19, "contract_signed", false, { status: "confirmed", signedBy: SELLER }),
      news(20, "contract_changed", false, { status: "confirmed" }),
      news(21, "payment_changed", true, { status: "locked", amountMinorUnits: 15010 }),
    ],
    contracts: [{ id: "AG-1", doc: contract }],
    payments: [{ id: "PY-1", doc: payment }],
    audit: chain([["contract AG-1", contract], ["payment PY-1", payment]]),
    integrity: "ok",
  };
}

function inboundCall(): RecordedCall {
  return call("call-1", "inbound", "inbound-1", "+254712345678", "5000", [
    ["started", "line", { direction: "inbound" }],
    ["answered", "us", {}],
    ["dtmf", "line", { digit: "1", from: "caller" }],
    ["dtmf", "line", { digit: "*", from: "caller" }],
    ["ended", "line", { by: "caller", reason: "hangup" }],
    ["cdr", "line", { cdr: { madeByUs: false }, received: CDR }],
  ]);
}

function jambonzCall(): RecordedCall {
  return call("call-2", "jambonz", "jambonz-1", "+15083081000", "1001", [
    ["started", "line", { direction: "inbound" }],
    ["line_event", "us", { type: "greeted" }],
    ["line_back", "line", {}],
    ["transcript", "line", { msg: "words-1", role: "other" }],
    ["end_requested", "user +15550000001", { messageId: "ask-1" }],
    ["transcript", "local", { msg: "segment-1", role: "user" }],
    ["ended", "line", { by: "caller", reason: "completed" }],
    ["cdr", "us", { cdr: { madeByUs: true } }],
  ]);
}

function call(
  id: string,
  line: string,
  platformId: string,
  from: string,
  to: string,
  events: readonly (readonly [type: string, actor: string, data: Json])[],
): RecordedCall {
  const numbered: RecordedEvent[] = events.map(([type, actor, data], index) => ({
    id: index + 1,
    seq: index + 1,
    at: AT,
    type,
    actor,
    data,
  }));
  const doc = { from, to, fromE164: from };
  return { id, line, platformId, state: "ended", open: false, doc, events: numbered };
}

function chain(entries: readonly (readonly [subject: string, after: Json])[]): AuditRow[] {
  let previousHash = "0".repeat(64);
  return entries.map(([subject, doc], index) => {
    const after = JSON.stringify(doc);
    const entry = { id: index + 1, at: AT, actor: "rest", action: "made", subject, before: null };
    const { id, at, actor, action, before } = entry;
    const content = [id, at, actor, action, subject, before, after, previousHash];
    const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex");
    const row = { ...entry, after, previousHash, hash };
    previousHash = hash;
    return row;
  });
}
