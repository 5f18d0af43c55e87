/**
 * What a payment is, and how it moves. Pure, like the contract.
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

/** Where a payment stands: `locked` is received and held in escrow. */
export type PaymentStatus = typeof PAYMENT_STATUSES[number];

/** For each status, those that may follow. A failed payment is not tried again: it is made anew. */
export const PAYMENT_MOVES = {
  pending: ["completed", "failed", "locked"],
  completed: ["refunded"],
  failed: [],
  locked: ["released", "refunded"],
  released: [],
  refunded: [],
} as const satisfies Record<PaymentStatus, readonly PaymentStatus[]>;

/** Every way to pay: held until it is released, or straight to the payee. */
export const PAYMENT_TYPES = ["escrow", "direct"] as const;

/** What a provider said of a payment that has another amount or currency. */
export interface Mismatch {
  /** In the provider's words. */
  readonly status: string;
  readonly transactionId: string | null;
  /** As it was written: `KES 100.00`; null where only the currency is another. */
  readonly amount: string | null;
  /** In capitals; null where it was not said beside the amount. */
  readonly currency: string | null;
}

/** A payment as it stands. */
export interface Payment {
  readonly id: string;
  readonly contractId: string;
  readonly type: typeof PAYMENT_TYPES[number];
  readonly status: PaymentStatus;
  /** Every status it has been in, the present one last: a callback that comes again is known by it. */
  readonly reached: readonly PaymentStatus[];
  readonly amountMinorUnits: number;
  /** ISO 4217, in capitals: the contract's. */
  readonly currency: string;
  /** Who pays, in E.164; not necessarily a party. */
  readonly phoneNumber: string;
  /** The provider's name for it, once a callback has told. */
  readonly transactionId: string | null;
  /** What was said of other money, each once: a callback that comes again is known by it. */
  readonly mismatches?: readonly Mismatch[];
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** A new payment: pending, and unknown to the provider. */
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
 * Moves a payment; the same payment when it is there already.
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
 * Moves a payment as a provider tells it. Providers repeat themselves, and late: a status that the
 * payment has been in before changes nothing.
 * @throws {IllegalMove} when `PAYMENT_MOVES` has no such move
 */
export function settlePayment(payment: Payment, to: PaymentStatus, at: Date): Payment {
  return payment.reached.includes(to) ? payment : movePayment(payment, to, at);
}

/**
 * Binds a payment to the provider's transaction; the same payment when it is bound to it already.
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

/** How many mismatches a payment keeps; the record has all of them. */
export const KEPT_MISMATCHES = 20;

/** Notes that a provider means other money; the same payment when it has said just that lately. */
export function noteMismatch(payment: Payment, mismatch: Mismatch): Payment {
  const { mismatches = [] } = payment;
  const isKnown = mismatches.some((before) =>
    before.status === mismatch.status && before.transactionId === mismatch.transactionId &&
    before.amount === mismatch.amount && before.currency === mismatch.currency
  );
  return isKnown
    ? payment
    : { ...payment, mismatches: [...mismatches, mismatch].slice(-KEPT_MISMATCHES) };
}
