/**
 * What payment providers say, in our terms.
 * @module
 */
import { InvalidValue, NotInBook, StateConflict } from "./errors.ts";
import type { Payment, PaymentStatus } from "./payment.ts";
import type { ContractStore } from "./store.ts";

/** `received` is what the payment's type makes of it: locked in escrow, or completed. */
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
 * The status of a payment for what a provider says, however it writes it: `Success`, `TIMED_OUT`.
 * @throws {InvalidValue} for a word that is not known: taking it for a failure could lose money
 */
export function statusFromProvider(said: string, type: Payment["type"]): PaymentStatus {
  const meaning = meanings.get(said.toLowerCase().replace(/[^a-z]/g, ""));
  if (meaning === undefined) {
    const known = Object.values(SAID).flat().join(", ");
    const message = `Cannot settle a payment: "${said}" is no status; there are ${known}`;
    throw new InvalidValue({ field: "status", message });
  }
  if (meaning !== "received") return meaning;
  return type === "escrow" ? "locked" : "completed";
}

/**
 * The payment that a provider means: by its transaction, by our id, or by both. Some providers give
 * our id back as the transaction.
 * @throws {NotInBook} when there is none
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
  throw new NotInBook(`Cannot settle a payment by ${transactionId ?? ourId}: there is none`);
}
