/**
 * Converts stored events into events for clients; nothing else does. The log stores events as they
 * were written, so old ones are returned in the current form.
 * @module
 */
import type { z } from "zod";
import type { RecordEvent } from "../calls/call_record.ts";
import type { Contract } from "../contracts/contract.ts";
import { toMajorUnits } from "../contracts/money.ts";
import type { Mismatch, Payment } from "../contracts/payment.ts";
import type { CallEnds, StoredEvent } from "./event_log.ts";
import type { CALL_DATA, CONTRACT_DATA, ContractEventType } from "./schemas.ts";

/** The data of an event for clients. */
export type ClientData = Readonly<Record<string, unknown>>;

/** The part of a stored event that its data for clients needs. */
export type PersistedEvent = Pick<StoredEvent, "type" | "at" | "data" | "call" | "parties">;

/** An event as on the stream and in the inbox. */
export function clientEvent(event: StoredEvent) {
  const { id, at, type, actor, callId, callSeq, contractId } = event;
  return {
    id,
    at: at.toISOString(),
    type,
    actor,
    call_id: callId,
    seq: callSeq,
    contract_id: contractId,
    data: clientData(event),
  };
}

/** An event as returned by `clientEvent`. */
export type SentEvent = ReturnType<typeof clientEvent>;

/** An event of a call's record, as REST shows the record. */
export function recordedEvent({ seq, at, type, actor, data }: RecordEvent, call: CallEnds) {
  const seen = clientData({ type, at, data, call, parties: null });
  return { seq, at: at.toISOString(), type, actor, data: seen };
}

/**
 * An event as one message of an event stream: JSON has no line breaks.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function streamedText(event: StoredEvent): string {
  return `event:${event.type}\ndata:${JSON.stringify(clientEvent(event))}\nid:${event.id}\n\n`;
}

/** An event as a webhook's delivery. It never changes, so every attempt is the same. */
export function deliveredEvent(event: StoredEvent) {
  const { id, at, type, actor, callId, callSeq, contractId } = event;
  return {
    type,
    timestamp: at.toISOString(),
    data: {
      ...clientData(event),
      event_id: id,
      actor,
      ...(callId === null ? {} : { call_id: callId, seq: callSeq }),
      ...(contractId === null ? {} : { contract_id: contractId }),
    },
  };
}

/** The data of an event with the names of REST. A type without a mapping is returned as stored. */
export function clientData(event: PersistedEvent): ClientData {
  const convert = TO_CLIENT[event.type as keyof typeof TO_CLIENT] as ToClient<object> | undefined;
  return convert === undefined ? event.data : convert(event) as ClientData;
}

type ToClient<Data> = (event: PersistedEvent) => Data;

const TO_CLIENT:
  & {
    readonly [Type in ContractEventType]: ToClient<z.input<(typeof CONTRACT_DATA)[Type]>>;
  }
  & {
    readonly [Type in "started" | "ended"]: ToClient<z.input<(typeof CALL_DATA)[Type]>>;
  } = {
    started(event) {
      const { direction } = event.data as Stored<"started">;
      return { direction, ...event.call! };
    },
    ended(event) {
      const { by, reason } = event.data as Stored<"ended">;
      return { ...event.call!, endedBy: by, reason };
    },
    contract_created(event) {
      const { status, expiresAt, type, terms } = event.data as unknown as StoredContract;
      return {
        status,
        created_at: event.at.toISOString(),
        expires_at: expiresAt,
        contract_type: type,
        ...agreed(event),
        terms,
      };
    },
    contract_signed(event) {
      const { status, signedBy, signed, hash } = event.data as unknown as StoredContract;
      const parties = clientParties(event);
      const total = parties.length;
      return {
        status,
        signed_by: signedBy,
        progress: { signed, total, complete: signed === total },
        contract_hash: hash,
        parties,
      };
    },
    terms_changed(event) {
      const { status, terms } = event.data as unknown as StoredContract;
      return { status, ...agreed(event), terms };
    },
    contract_changed(event) {
      const { status } = event.data as unknown as StoredContract;
      return { status, parties: clientParties(event) };
    },
    payment_changed: paid,
    payment_mismatch(event) {
      const { transactionId, ...said } = (event.data as unknown as StoredMismatch).said;
      return { ...paid(event), said: { ...said, transaction_id: transactionId } };
    },
  };

type Stored<Type extends RecordEvent["type"]> = (RecordEvent & { type: Type })["data"];

/** The stored data of a contract's events: each type has some of it. */
interface StoredContract extends Pick<Contract, "status" | "type" | "hash" | "currency"> {
  readonly totalMinorUnits: number | null;
  readonly terms: Record<string, unknown>;
  /** In ISO 8601. */
  readonly expiresAt: string;
  readonly signedBy: string;
  /** How many parties had signed by then. */
  readonly signed: number;
}

type StoredPayment = Pick<Payment, "status" | "amountMinorUnits" | "currency"> & {
  readonly paymentId: string;
};

interface StoredMismatch {
  readonly said: Mismatch;
}

function paid(event: PersistedEvent) {
  const { paymentId, status, amountMinorUnits, currency } = event.data as unknown as StoredPayment;
  return {
    payment_id: paymentId,
    status,
    amount: toMajorUnits(amountMinorUnits, currency),
    currency,
    parties: clientParties(event),
  };
}

function agreed(event: PersistedEvent) {
  const { totalMinorUnits, currency, hash } = event.data as unknown as StoredContract;
  return {
    total_amount: totalMinorUnits === null ? null : toMajorUnits(totalMinorUnits, currency),
    currency,
    parties: clientParties(event),
    contract_hash: hash,
  };
}

function clientParties({ parties }: PersistedEvent) {
  return (parties ?? []).map(({ phoneNumber, role, name }) => ({
    phone_number: phoneNumber,
    role,
    name,
  }));
}
