/**
 * The terms of a contract: any JSON object. A few members have a meaning here.
 * @module
 */

import type { ValueFault } from "./errors.ts";
import { type Amount, amountFault, isAmount, NOT_AN_AMOUNT } from "./money.ts";

/** What the parties agree on, as a JSON object. */
export type Terms = Readonly<Record<string, unknown>>;

const DEFAULT_CURRENCY = "KES";

/** Deeper than people write, and shallow enough to walk recursively. */
const MAX_DEPTH = 32;

/** The money in a request for a contract: `total_amount` is in the major unit. */
export interface Priced {
  readonly total_amount?: Amount | null | undefined;
  readonly currency?: string | null | undefined;
  readonly terms?: Terms | undefined;
}

/** The members of terms that must be amounts. */
const AMOUNTS_IN_TERMS = ["total_amount", "unit_price"] as const;

/** The money of a request, or else of its terms. */
export function agreedMoney(
  { total_amount, currency, terms = {} }: Priced,
): { totalAmount: Amount | null; currency: string } {
  return {
    totalAmount: total_amount ?? totalInTerms(terms) ?? null,
    currency: currency ?? currencyInTerms(terms) ?? DEFAULT_CURRENCY,
  };
}

/** The total in the terms; undefined if it is missing or invalid. */
export function totalInTerms({ total_amount }: Terms): Amount | undefined {
  return isAmount(total_amount) ? total_amount : undefined;
}

/** The members of terms that must be amounts of the currency and are not; null counts as missing. */
export function faultsOfAmounts(terms: Terms, currency: string): ValueFault[] {
  return AMOUNTS_IN_TERMS.flatMap((name) => {
    const amount = terms[name] ?? null;
    if (amount === null) return [];
    const message = isAmount(amount) ? amountFault(amount, currency) : NOT_AN_AMOUNT;
    return message === undefined ? [] : [{ field: `terms.${name}`, message }];
  });
}

/** The currency in the terms, in capitals; it may be unknown. */
export function currencyInTerms({ currency }: Terms): string | undefined {
  return typeof currency === "string" ? currency.trim().toUpperCase() : undefined;
}

/** Whether a value is JSON of at most 32 levels, safe to store, hash and send. */
export function isShallowJson(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth === MAX_DEPTH) return false;
  if (!Array.isArray(value)) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return false;
  }
  return Object.values(value).every((item) => isShallowJson(item, depth + 1));
}
