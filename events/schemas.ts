/**
 * The data of every type of event for clients: on the event stream, in webhooks, in a client's inbox
 * and in the record of a call. The names are those of REST for calls, contracts and payments.
 * @module
 */
import { z } from "zod";
import { CALL_EVENT_DATA, EndedBy, LineName } from "../calls/call_record.ts";
import type { ContractEvent } from "../contracts/contract_event.ts";
import { ConfirmAnswer, ContractAnswer, PaymentAnswer } from "../contracts/schemas.ts";

const callEnds = {
  line: LineName,
  from: z.string().nullable()
    .describe("As the platform sent it; null when the caller withholds it"),
  to: z.string().nullable().describe("As the platform sent it"),
};

/** The data of each type of event of a call. */
export const CALL_DATA = {
  ...CALL_EVENT_DATA,
  started: CALL_EVENT_DATA.started.extend(callEnds),
  ended: z.object({ ...callEnds, endedBy: EndedBy, reason: z.string() }),
};

const { parties } = ContractAnswer.shape;

const payment = PaymentAnswer.pick({
  payment_id: true,
  status: true,
  amount: true,
  currency: true,
}).extend({ parties });

/** The data of each type of event of a contract or payment. */
export const CONTRACT_DATA = {
  contract_created: ContractAnswer.pick({
    status: true,
    created_at: true,
    expires_at: true,
    total_amount: true,
    currency: true,
    parties: true,
    contract_hash: true,
    contract_type: true,
    terms: true,
  }),
  contract_signed: ConfirmAnswer.pick({ status: true, signed_by: true, progress: true }).extend({
    contract_hash: ContractAnswer.shape.contract_hash,
    parties,
  }),
  terms_changed: ContractAnswer.pick({
    status: true,
    total_amount: true,
    currency: true,
    parties: true,
    contract_hash: true,
    terms: true,
  }),
  contract_changed: ContractAnswer.pick({ status: true, parties: true }),
  payment_changed: payment,
  payment_mismatch: payment.extend({
    said: z.object({
      status: z.string().describe("In the provider's words"),
      transaction_id: z.string().nullable(),
      amount: z.string().nullable().meta({
        description: "As it was written; null if only the currency differs",
        examples: ["KES 100.00"],
      }),
      currency: z.string().nullable()
        .describe("In capitals; null if it was not given with the amount"),
    }).describe("What the provider sent; it changed nothing"),
  }),
} satisfies Record<ContractEvent["kind"], z.ZodType>;

/** The types of events of a call. */
export type CallEventType = keyof typeof CALL_DATA;
/** The types of events of contracts and payments. */
export type ContractEventType = keyof typeof CONTRACT_DATA;

/** The types of events of a call. */
export const CALL_TYPES = Object.keys(CALL_DATA) as CallEventType[];
/** The types of events of contracts and payments. */
export const CONTRACT_TYPES = Object.keys(CONTRACT_DATA) as ContractEventType[];

/** When each type of event is written, for people. */
const WHEN: Readonly<Record<CallEventType | ContractEventType, string>> = {
  started: "A platform has sent us a call",
  answered: "The call is answered",
  dtmf: "A key was pressed, by the caller or by us",
  transcript: "Something was said",
  screening_started: "An app screens the call before a person takes it",
  screening_ended: "The screening is over",
  watched: "Somebody watches the call",
  join_requested: "A watcher wants to join the call",
  end_requested: "Somebody requested the end of the call",
  interrupted: "The audio that was playing was dropped",
  line_lost: "The line's socket was lost",
  line_back: "The platform came back on another socket",
  line_event: "An event of a platform, as it was sent",
  note: "An app or a REST client added a note",
  remembered: "The call's app has changed its memory",
  recording_started: "The call is recorded from now on",
  recording_ended: "The recording is over and can be fetched",
  ended: "The call is over",
  cdr: "The call detail record: the platform's, or ours if it sent none",
  contract_created: "A contract was opened",
  contract_signed: "A party has signed: the contract as it stood with that signature",
  terms_changed: "The terms have changed; every party signs again",
  contract_changed: "The contract's status has changed",
  payment_changed: "A payment was recorded, or its status has changed",
  payment_mismatch: "A provider sent another amount or currency than the payment's",
};

const actor = z.string()
  .describe(
    "Who did it: line, us, a party's number, provider, clock, or the holder of a key: " +
      "`key:` or `jwt:` with its id and name, then a watcher's user. On a server without keys: local",
  );
const at = z.iso.datetime();
const seq = z.number().int().positive().describe("From 1 in each call's record, without gaps");

/** One event of a call's record. */
export const RecordedEvent = z.discriminatedUnion(
  "type",
  several(
    CALL_TYPES.map((type) =>
      z.object({ seq, at, type: z.literal(type), actor, data: CALL_DATA[type] })
        .meta({ description: WHEN[type] })
    ),
  ),
);

/** One event of any record, in the form of the stream and a client's inbox. */
export const ClientEvent = z.discriminatedUnion(
  "type",
  several([
    ...CALL_TYPES.map((type) =>
      z.object({ ...common(type), call_id: z.string(), seq, contract_id: z.null() })
        .extend({ data: CALL_DATA[type] }).meta(component(type, "Event"))
    ),
    ...CONTRACT_TYPES.map((type) =>
      z.object({ ...common(type), call_id: z.null(), seq: z.null(), contract_id: z.string() })
        .extend({ data: CONTRACT_DATA[type] }).meta(component(type, "Event"))
    ),
  ]),
).meta({ id: "Event", description: "One event of a record" });

/** One event of any record, in the form of a webhook's delivery. */
export const DeliveredEvent = z.discriminatedUnion(
  "type",
  several([
    ...CALL_TYPES.map((type) => delivery(type, CALL_DATA[type], { call_id: z.string(), seq })),
    ...CONTRACT_TYPES.map((type) =>
      delivery(type, CONTRACT_DATA[type], { contract_id: z.string() })
    ),
  ]),
).meta({
  id: "DeliveredEvent",
  description: "The body of a webhook's delivery, signed as Standard Webhooks specifies",
});

function common<Type extends string>(type: Type) {
  return {
    id: z.number().int().positive().describe("Grows with every event of the server"),
    at,
    type: z.literal(type),
    actor,
  };
}

function delivery<Type extends CallEventType | ContractEventType>(
  type: Type,
  data: z.ZodObject,
  record: z.ZodRawShape,
) {
  const about = { event_id: z.number().int().positive(), actor, ...record };
  return z.object({ type: z.literal(type), timestamp: at, data: data.extend(about) })
    .meta(component(type, "Delivery"));
}

function component(type: CallEventType | ContractEventType, suffix: string) {
  return { id: componentName(type, suffix), description: WHEN[type] };
}

/** `contract_signed` is `ContractSignedEvent`. */
function componentName(type: string, suffix: string): string {
  const words = type.split("_").map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  const name = words.join("");
  return name.endsWith(suffix) ? name : name + suffix;
}

function several<Item>(items: readonly Item[]): [Item, ...Item[]] {
  return items as [Item, ...Item[]];
}
