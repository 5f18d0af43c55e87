/**
 * Translates the words of payment providers.
 * @module
 */
import { InvalidValue, NotFound, StateConflict } from "./errors.ts";
import type { Payment, PaymentStatus } from "./payment.ts";
import type { ContractStore } from "./store.ts";

/** `received` becomes locked for an escrow payment, and completed for a direct one. */
const SAID: Readonly<Record<PaymentStatus | "received", readonly string[]>> = {
  received: ["success", "successful", "succeeded", "completed", "complete", "paid"],
  pending: [
    "pending",
    "pendingconfirmation",
    "pendingvalidation",
    "queued",
    "initiated",
    "submitted",
    "processing",
  ],
  failed: [
    "failed",
    "failure",
    "cancelled",
    "canceled",
    "rejected",
    "declined",
    "expired",
    "timeout",
    "timedout",
    "error",
  ],
  locked: ["locked", "held"],
  released: ["released"],
  refunded: ["refunded", "reversed"],
  completed: [],
};

const meanings = new Map(
  Object.entries(SAID).flatMap(([meaning, words]) =>
    words.map((word) => [word, meaning as keyof typeof SAID] as const)
  ),
);

/**
 * Translates a provider's status in any spelling: `Success`, `TIMED_OUT`.
 * @throws {InvalidValue} for an unknown word: taking it for a failure could lose money
 */
export function statusFromProvider(said: string, type: Payment["type"]): PaymentStatus {
  const meaning = meanings.get(said.toLowerCase().replace(/[^a-z]/g, ""));
  if (meaning === undefined) {
    const known = Object.values(SAID).flat().join(", ");
    const message = `Cannot settle a payment: the status "${said}" is unknown; known: ${known}`;
    throw new InvalidValue({ field: "status", message });
  }
  if (meaning !== "received") return meaning;
  return type === "escrow" ? "locked" : "completed";
}

/**
 * Finds the payment of a callback: by transaction, by our id, or by both. Some providers send our id
 * as the transaction.
 * @throws {NotFound} when there is none
 * @throws {StateConflict} when the two name different payments
 */
export async function paymentNamed(
  store: ContractStore,
  transactionId: string | undefined,
  ourId: string | undefined,
): Promise<Payment> {
  const byTransaction = transactionId === undefined
    ? undefined
    : await store.paymentByTransaction(transactionId) ?? await store.payment(transactionId);
  if (byTransaction !== undefined) {
    if (ourId === undefined || ourId === byTransaction.id) return byTransaction;
    throw new StateConflict(
      `Cannot settle payment ${ourId} by transaction ${transactionId}: ` +
        `it belongs to payment ${byTransaction.id}`,
    );
  }
  const byOurId = ourId === undefined ? undefined : await store.payment(ourId);
  if (byOurId !== undefined) return byOurId;
  throw new NotFound(
    `Cannot settle a payment by ${transactionId ?? ourId}: no payment has this id`,
  );
}
