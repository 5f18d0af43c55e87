/**
 * Reads the callbacks of payment providers: the status, the payment, and the money that they name.
 * @module
 */
import { InvalidValue, NotFound, StateConflict } from "./errors.ts";
import { amountFault, toMinorUnits } from "./money.ts";
import type { Mismatch, Payment, PaymentStatus } from "./payment.ts";
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
 * @param sees whether the caller may know of a payment: others do not exist for it
 * @throws {NotFound} when there is none
 * @throws {StateConflict} when the two name different payments
 */
export async function paymentNamed(
  store: ContractStore,
  transactionId: string | undefined,
  ourId: string | undefined,
  sees: (payment: Payment) => Promise<boolean>,
): Promise<Payment> {
  const unknown = () =>
    new NotFound(`Cannot settle a payment by ${transactionId ?? ourId}: no payment has this id`);
  const byTransaction = transactionId === undefined
    ? undefined
    : await store.paymentByTransaction(transactionId) ?? await store.payment(transactionId);
  if (byTransaction !== undefined) {
    if (!await sees(byTransaction)) throw unknown();
    if (ourId === undefined || ourId === byTransaction.id) return byTransaction;
    throw new StateConflict(
      `Cannot settle payment ${ourId} by transaction ${transactionId}: ` +
        `it belongs to payment ${byTransaction.id}`,
    );
  }
  const byOurId = ourId === undefined ? undefined : await store.payment(ourId);
  if (byOurId !== undefined && await sees(byOurId)) return byOurId;
  throw unknown();
}

/** Longer texts are no amounts: only this much is stored. */
const MAX_CHARACTERS = 100;

/** `KES 2,500.00`, `2500 KES` or `2500.0000`; commas stand before groups of three. */
const MONEY = /^(?:([A-Z]{3})\s*)?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s*([A-Z]{3}))?$/i;

/** The members of a callback about money, as providers name them. */
interface SaidMoney {
  readonly status: string;
  readonly transactionId?: string | null | undefined;
  readonly amount?: unknown;
  readonly value?: unknown;
  readonly currency?: unknown;
  readonly currencyCode?: unknown;
  readonly currency_code?: unknown;
}

/**
 * Finds an amount or currency in a callback that differs from the payment's; undefined if all match,
 * or there are none. An unreadable amount does not match: accepting it could lose money.
 */
export function mismatchOf(payment: Payment, told: SaidMoney): Mismatch | undefined {
  const amounts = [told.amount, told.value].filter(isSaid).flatMap((said) => {
    // Some providers nest it: {"value": "2500.00", "currency": "KES"}.
    if (typeof said !== "object" || said === null || Array.isArray(said)) {
      return [{ said, currency: null }];
    }
    const { amount, value = amount } = said as SaidMoney;
    return [{ said: value, currency: currencyOf(said as SaidMoney, payment) }];
  });
  const currency = currencyOf(told, payment);
  const wrong = amounts.find(({ said, currency }) => !fits(payment, said, currency));
  if (wrong === undefined && (currency === null || currency === payment.currency)) return undefined;
  const said = (wrong ?? amounts[0])?.said;
  return {
    status: told.status,
    transactionId: told.transactionId ?? null,
    amount: said === undefined ? null : textOf(said).slice(0, MAX_CHARACTERS),
    currency: wrong?.currency ?? currency,
  };
}

function fits({ amountMinorUnits, currency }: Payment, said: unknown, named: string | null) {
  const [, before, digits = "", behind] = MONEY.exec(textOf(said).trim()) ?? [];
  const currencies = [before, behind, named ?? undefined].filter((code) => code !== undefined);
  if (currencies.some((code) => code.toUpperCase() !== currency)) return false;
  const amount = digits.replaceAll(",", "");
  return amountFault(amount, currency) === undefined &&
    toMinorUnits(amount, currency) === amountMinorUnits;
}

/** The currency beside an amount; of several, one that is not the payment's. */
function currencyOf({ currency, currencyCode, currency_code }: SaidMoney, payment: Payment) {
  const named = [currency, currencyCode, currency_code].filter(isSaid)
    .map((code) => textOf(code).trim().toUpperCase().slice(0, MAX_CHARACTERS));
  return named.find((code) => code !== payment.currency) ?? named[0] ?? null;
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}
