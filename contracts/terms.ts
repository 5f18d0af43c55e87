/**
 * The terms of a contract: any JSON object. A few of its members have a meaning here.
 * @module
 */

import type { ValueFault } from "./errors.ts";
import { type Amount, amountFault, isAmount, NOT_AN_AMOUNT } from "./money.ts";

/** What the parties agree on, as a JSON object. */
export type Terms = Readonly<Record<string, unknown>>;

const DEFAULT_CURRENCY = "KES";

/** Deeper than people write, and far from where walking it would exhaust the stack. */
const MAX_DEPTH = 32;

/** Where a request for a contract names money: `total_amount` is in the major unit. */
export interface Priced {
  readonly total_amount?: Amount | null | undefined;
  readonly currency?: string | null | undefined;
  readonly terms?: Terms | undefined;
}

/** The members of terms that are amounts, where they are there. */
const AMOUNTS_IN_TERMS = ["total_amount", "unit_price"] as const;

/** The money of a request; where it names none itself, what its terms name. */
export function agreedMoney(
  { total_amount, currency, terms = {} }: Priced,
): { totalAmount: Amount | null; currency: string } {
  return {
    totalAmount: total_amount ?? totalInTerms(terms) ?? null,
    currency: currency ?? currencyInTerms(terms) ?? DEFAULT_CURRENCY,
  };
}

/** The total that the terms name; undefined where they name none, or what is no amount. */
export function totalInTerms({ total_amount }: Terms): Amount | undefined {
  return isAmount(total_amount) ? total_amount : undefined;
}

/** Which members of terms should be amounts of a currency and are none; null is none at all. */
export function faultsOfAmounts(terms: Terms, currency: string): ValueFault[] {
  return AMOUNTS_IN_TERMS.flatMap((name) => {
    const amount = terms[name] ?? null;
    if (amount === null) return [];
    const message = isAmount(amount) ? amountFault(amount, currency) : NOT_AN_AMOUNT;
    return message === undefined ? [] : [{ field: `terms.${name}`, message }];
  });
}

/** The currency that the terms name, in capitals; it may be none of ISO 4217. */
export function currencyInTerms({ currency }: Terms): string | undefined {
  return typeof currency === "string" ? currency.trim().toUpperCase() : undefined;
}

/** Whether a value is JSON of at most 32 levels: it can then be stored, hashed and sent. */
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
