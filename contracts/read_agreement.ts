/**
 * Reads the agreement from a request to open a contract or to change its terms.
 * @module
 */
import type { z } from "zod";
import type { Agreement } from "./agreement.ts";
import type { Contract } from "./contract.ts";
import { InvalidValue, StateConflict } from "./errors.ts";
import { type Amount, toMajorUnits, toMinorUnits } from "./money.ts";
import { readParties } from "./phone_numbers.ts";
import type { ContractCreate, ContractCreateManual } from "./schemas.ts";
import {
  agreedMoney,
  currencyInTerms,
  faultsOfAmounts,
  type Terms,
  totalInTerms,
} from "./terms.ts";

/**
 * Reads the agreement from a request that comes from a conversation.
 * @param country reads national numbers as numbers of this country
 * @throws {InvalidValue} for parties with invalid or equal phone numbers
 */
export function spokenAgreement(
  request: z.output<typeof ContractCreate>,
  country?: string,
): Agreement {
  const { totalAmount, currency } = agreedMoney(request);
  return {
    type: request.contract_type,
    parties: readParties(request.parties, country),
    transcript: request.transcript,
    // A copy: later changes to the caller's object must not reach the contract.
    terms: structuredClone(request.terms),
    totalMinorUnits: totalAmount === null ? null : toMinorUnits(totalAmount, currency),
    currency,
  };
}

/**
 * Reads the agreement from a form: its fields become the terms.
 * @param country reads national numbers as numbers of this country
 * @throws {InvalidValue} for parties with invalid or equal phone numbers
 */
export function writtenAgreement(
  request: z.output<typeof ContractCreateManual>,
  country?: string,
): Agreement {
  const { parties, contract_type, ...fields } = request;
  const filled = Object.entries(fields).filter(([, value]) =>
    value !== null && value !== undefined
  );
  return {
    type: contract_type,
    parties: readParties(parties, country),
    transcript: null,
    terms: { ...Object.fromEntries(filled), ...asNumbers(request) },
    totalMinorUnits: toMinorUnits(request.total_amount, request.currency),
    currency: request.currency,
  };
}

/**
 * Adds or replaces members of a contract's terms. A new `total_amount` becomes the total.
 * @throws {InvalidValue} when the new total is invalid in the contract's currency
 * @throws {StateConflict} when the currency would change
 */
export function amendedTerms(
  contract: Contract,
  amendments: Terms,
): Pick<Agreement, "terms" | "totalMinorUnits"> {
  const { id, currency } = contract;
  const named = currencyInTerms(amendments) ?? currency;
  if (named !== currency) {
    throw new StateConflict(
      `Cannot change the currency of contract ${id} to ${named}: it is ${currency}`,
    );
  }
  const terms = { ...contract.terms, ...structuredClone(amendments) };
  const [fault, ...others] = faultsOfAmounts(amendments, currency);
  if (fault !== undefined) throw new InvalidValue(fault, ...others);
  const total = totalInTerms(amendments);
  return {
    terms,
    totalMinorUnits: total === undefined ? contract.totalMinorUnits : toMinorUnits(total, currency),
  };
}

/** The amounts of a form as JSON numbers, in any notation: the hash covers these. */
function asNumbers(
  { total_amount, unit_price, currency }: z.output<typeof ContractCreateManual>,
): Terms {
  const asNumber = (amount: Amount) => toMajorUnits(toMinorUnits(amount, currency), currency);
  return {
    total_amount: asNumber(total_amount),
    ...(unit_price === null || unit_price === undefined
      ? {}
      : { unit_price: asNumber(unit_price) }),
  };
}
