/**
 * Stores for tests, and sample data.
 * @module
 */
import type { CallRecord, NewRecordEvent } from "../../calls/call_record.ts";
import { type Contract, newContract } from "../../contracts/contract.ts";
import { newPayment, type Payment } from "../../contracts/payment.ts";
import type { AddressedEvent, ContractWrite } from "../../contracts/store.ts";
import type { Store } from "../../store/store.ts";

/** An empty store that is removed after the test. */
export interface OpenedStore extends AsyncDisposable {
  readonly store: Store;
}
/** Opens an empty store. */
export type OpenStore = () => Promise<OpenedStore>;

export const START = new Date("2026-11-21T08:00:00.123Z");
export const BUYER = "+254712345678";
export const SELLER = "+254787654321";
export const STRANGER = "+254700000000";

/** Text that a store might damage: quotes, other scripts, surrogate pairs, a lone surrogate. */
export const ODD_TEXT = "O'Brien \"said\" %_\\ \n\t ñ é Wanjirũ 鶏 \u{1f4de} \u0000 \ud83d ' -- ;";

/** This many seconds after the start. */
export function later(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1000);
}

/** A new call. */
export function sampleCall(id: string, more: Partial<CallRecord> = {}): CallRecord {
  return {
    id,
    line: "inbound",
    platformId: `platform ${id}`,
    direction: "inbound",
    from: "0712 345 678",
    to: "5000",
    fromE164: BUYER,
    toE164: null,
    state: "ringing",
    startedAt: START,
    answeredAt: null,
    endedAt: null,
    endedBy: null,
    cdr: null,
    liveConversationToken: `token ${id}`,
    lastSeq: 0,
    ...more,
  };
}

export const STARTED: NewRecordEvent = {
  type: "started",
  actor: "line",
  data: { direction: "inbound" },
};

/** An event that changes only the record. */
export function note(text: string): NewRecordEvent {
  return { type: "note", actor: "us", data: { text } };
}

/** The end of a call. */
export function ended(by: "caller" | "lost" = "caller"): NewRecordEvent {
  return { type: "ended", actor: "line", data: { by, reason: "hangup" } };
}

/** A CDR in normal form. */
export const CDR = {
  sessionId: "in-1",
  source: "0712",
  destination: "5000",
  startTime: START.toISOString(),
  answerTime: null,
  endTime: START.toISOString(),
  durationSeconds: 0,
  billableSeconds: 0,
  disposition: "NO ANSWER" as const,
  hangupBy: null,
  hangupCauseCode: 16,
  hangupCauseText: "Normal clearing",
  madeByUs: false,
  unread: [],
};

/** An unsigned contract. */
export function sampleContract(id: string, more: Partial<Contract> = {}): Contract {
  const parties = [
    { phoneNumber: BUYER, role: "buyer" as const, name: ODD_TEXT },
    { phoneNumber: SELLER, role: "seller" as const, name: null },
  ];
  const terms = { bags: 100, price: 0.1, text: ODD_TEXT, nested: [null, { empty: {} }] };
  const agreement = { parties, terms, transcript: null, totalMinorUnits: 15010, currency: "KES" };
  return { ...newContract(id, { ...agreement, type: "other" }, START), ...more };
}

/** A payment of a contract. */
export function samplePayment(
  id: string,
  contractId: string,
  more: Partial<Payment> = {},
): Payment {
  const payment = newPayment({
    id,
    contractId,
    type: "escrow",
    amountMinorUnits: 15010,
    currency: "KES",
    phoneNumber: BUYER,
  }, START);
  return { ...payment, ...more };
}

/** A write of a contract. */
export function contractWrite(
  contract: Contract,
  more: Partial<ContractWrite> = {},
): ContractWrite {
  return { contract, payments: [], audit: [], events: [], ...more };
}

/** The event of a changed contract. */
export function changed(contract: Contract, toEveryone = false): AddressedEvent {
  return { kind: "contract_changed", contract, at: START, actor: "test", toEveryone };
}

/** The event of a changed payment. */
export function paid(contract: Contract, payment: Payment, toEveryone: boolean): AddressedEvent {
  return { kind: "payment_changed", contract, payment, at: START, actor: "provider", toEveryone };
}
