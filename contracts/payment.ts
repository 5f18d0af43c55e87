/**
 * A payment and its moves. Pure, like the contract.
 * @module
 */
import { IllegalMove, StateConflict } from "./errors.ts";

/** Every status of a payment. */
export const PAYMENT_STATUSES = [
  "pending",
  "completed",
  "failed",
  "locked",
  "released",
  "refunded",
] as const;

/** The status of a payment: `locked` is received and held in escrow. */
export type PaymentStatus = typeof PAYMENT_STATUSES[number];

/** The statuses that may follow each status. A failed payment is final: a retry is a new payment. */
export const PAYMENT_MOVES = {
  pending: ["completed", "failed", "locked"],
  completed: ["refunded"],
  failed: [],
  locked: ["released", "refunded"],
  released: [],
  refunded: [],
} as const satisfies Record<PaymentStatus, readonly PaymentStatus[]>;

/** The ways to pay: held until it is released, or straight to the payee. */
export const PAYMENT_TYPES = ["escrow", "direct"] as const;

/** A provider's statement about a payment with another amount or currency. */
export interface Mismatch {
  /** In the provider's words. */
  readonly status: string;
  readonly transactionId: string | null;
  /** As it was written: `KES 100.00`; null if only the currency differs. */
  readonly amount: string | null;
  /** In capitals; null if it was not given with the amount. */
  readonly currency: string | null;
}

/** A payment. */
export interface Payment {
  readonly id: string;
  readonly contractId: string;
  readonly type: typeof PAYMENT_TYPES[number];
  readonly status: PaymentStatus;
  /** Every status so far, the present one last: identifies repeated callbacks. */
  readonly reached: readonly PaymentStatus[];
  readonly amountMinorUnits: number;
  /** ISO 4217, in capitals: the contract's. */
  readonly currency: string;
  /** Who pays, in E.164; not necessarily a party. */
  readonly phoneNumber: string;
  /** The provider's transaction id, once a callback has named it. */
  readonly transactionId: string | null;
  /** The latest mismatches, each once: identifies repeated callbacks. */
  readonly mismatches?: readonly Mismatch[];
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** Creates a payment: pending, and unknown to the provider. */
export function newPayment(
  payment: Pick<
    Payment,
    "id" | "contractId" | "type" | "amountMinorUnits" | "currency" | "phoneNumber"
  >,
  at: Date,
): Payment {
  return {
    ...payment,
    status: "pending",
    reached: ["pending"],
    transactionId: null,
    createdAt: at,
    changedAt: at,
  };
}

/**
 * Moves a payment. Returns the same payment if it already has the status.
 * @throws {IllegalMove} when `PAYMENT_MOVES` has no such move
 */
export function movePayment(payment: Payment, to: PaymentStatus, at: Date): Payment {
  const { id, status: from } = payment;
  if (to === from) return payment;
  const allowed: readonly PaymentStatus[] = PAYMENT_MOVES[from];
  if (!allowed.includes(to)) throw new IllegalMove(`payment ${id}`, from, to, allowed);
  return { ...payment, status: to, reached: [...payment.reached, to], changedAt: at };
}

/**
 * Moves a payment by a provider's callback. Providers repeat callbacks, and late: an earlier status
 * changes nothing.
 * @throws {IllegalMove} when `PAYMENT_MOVES` has no such move
 */
export function settlePayment(payment: Payment, to: PaymentStatus, at: Date): Payment {
  return payment.reached.includes(to) ? payment : movePayment(payment, to, at);
}

/**
 * Binds a payment to the provider's transaction. Returns the same payment if it is already bound to it.
 * @throws {StateConflict} when it is bound to another transaction
 */
export function bindTransaction(payment: Payment, transactionId: string): Payment {
  const { id, transactionId: bound } = payment;
  if (bound === transactionId || transactionId === id) return payment;
  if (bound !== null) {
    throw new StateConflict(
      `Cannot settle payment ${id} by transaction ${transactionId}: it belongs to ${bound}`,
    );
  }
  return { ...payment, transactionId };
}

/** How many mismatches a payment holds; the event log has all of them. */
export const MAX_MISMATCHES = 20;

/** Adds a mismatch. Returns the same payment if it already has it. */
export function noteMismatch(payment: Payment, mismatch: Mismatch): Payment {
  const { mismatches = [] } = payment;
  const isKnown = mismatches.some((before) =>
    before.status === mismatch.status && before.transactionId === mismatch.transactionId &&
    before.amount === mismatch.amount && before.currency === mismatch.currency
  );
  return isKnown
    ? payment
    : { ...payment, mismatches: [...mismatches, mismatch].slice(-MAX_MISMATCHES) };
}
