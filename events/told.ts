/**
 * Turns an event as it is kept into what the outside is told; nothing else does. The log keeps events
 * as they were written, so that old ones are told in the same words as today's.
 * @module
 */
import type { z } from "zod";
import type { RecordEvent } from "../calls/call_record.ts";
import type { Contract } from "../contracts/contract.ts";
import { toMajorUnits } from "../contracts/money.ts";
import type { Mismatch, Payment } from "../contracts/payment.ts";
import type { StoredEvent } from "./event_log.ts";
import type { CALL_DATA, CONTRACT_DATA, ContractEventType } from "./schemas.ts";

/** What an event says to the outside. */
export type ToldData = Readonly<Record<string, unknown>>;

/** The part of a kept event that its data for the outside is made of. */
export type PersistedEvent = Pick<StoredEvent, "type" | "at" | "data" | "call" | "parties">;

/** An event as the stream and an inbox tell it. */
export function toldEvent(event: StoredEvent) {
  const { id, at, type, actor, callId, callSeq, contractId } = event;
  return {
    id,
    at: at.toISOString(),
    type,
    actor,
    call_id: callId,
    seq: callSeq,
    contract_id: contractId,
    data: toldData(event),
  };
}

/** The body of a webhook's delivery: the same in every attempt, since events do not change. */
export function deliveredEvent(event: StoredEvent) {
  const { id, at, type, actor, callId, callSeq, contractId } = event;
  return {
    type,
    timestamp: at.toISOString(),
    data: {
      ...toldData(event),
      event_id: id,
      actor,
      ...(callId === null ? {} : { call_id: callId, seq: callSeq }),
      ...(contractId === null ? {} : { contract_id: contractId }),
    },
  };
}

/** What an event says, in the words of REST. A type without words of its own is told as it was kept. */
export function toldData(event: PersistedEvent): ToldData {
  const tell = TELL[event.type as keyof typeof TELL] as Tell<object> | undefined;
  return tell === undefined ? event.data : tell(event) as ToldData;
}

type Tell<Data> = (event: PersistedEvent) => Data;

const TELL:
  & {
    readonly [Type in ContractEventType]: Tell<z.input<(typeof CONTRACT_DATA)[Type]>>;
  }
  & {
    readonly [Type in "started" | "ended"]: Tell<z.input<(typeof CALL_DATA)[Type]>>;
  } = {
    started(event) {
      const { direction } = event.data as Kept<"started">;
      return { direction, ...event.call! };
    },
    ended(event) {
      const { by, reason } = event.data as Kept<"ended">;
      return { ...event.call!, endedBy: by, reason };
    },
    contract_created(event) {
      const { status, expiresAt, type, terms } = event.data as unknown as KeptContract;
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
      const { status, signedBy, signed, hash } = event.data as unknown as KeptContract;
      const parties = toldParties(event);
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
      const { status, terms } = event.data as unknown as KeptContract;
      return { status, ...agreed(event), terms };
    },
    contract_changed(event) {
      const { status } = event.data as unknown as KeptContract;
      return { status, parties: toldParties(event) };
    },
    payment_changed: paid,
    payment_mismatch(event) {
      const { transactionId, ...said } = (event.data as unknown as KeptMismatch).said;
      return { ...paid(event), said: { ...said, transaction_id: transactionId } };
    },
  };

type Kept<Type extends RecordEvent["type"]> = (RecordEvent & { type: Type })["data"];

/** What the log keeps of a contract's events: each has some of it. */
interface KeptContract extends Pick<Contract, "status" | "type" | "hash" | "currency"> {
  readonly totalMinorUnits: number | null;
  readonly terms: Record<string, unknown>;
  /** In ISO 8601. */
  readonly expiresAt: string;
  readonly signedBy: string;
  /** How many parties had signed. */
  readonly signed: number;
}

type KeptPayment = Pick<Payment, "status" | "amountMinorUnits" | "currency"> & {
  readonly paymentId: string;
};

interface KeptMismatch {
  readonly said: Mismatch;
}

function paid(event: PersistedEvent) {
  const { paymentId, status, amountMinorUnits, currency } = event.data as unknown as KeptPayment;
  return {
    payment_id: paymentId,
    status,
    amount: toMajorUnits(amountMinorUnits, currency),
    currency,
    parties: toldParties(event),
  };
}

function agreed(event: PersistedEvent) {
  const { totalMinorUnits, currency, hash } = event.data as unknown as KeptContract;
  return {
    total_amount: totalMinorUnits === null ? null : toMajorUnits(totalMinorUnits, currency),
    currency,
    parties: toldParties(event),
    contract_hash: hash,
  };
}

function toldParties({ parties }: PersistedEvent) {
  return (parties ?? []).map(({ phoneNumber, role, name }) => ({
    phone_number: phoneNumber,
    role,
    name,
  }));
}
