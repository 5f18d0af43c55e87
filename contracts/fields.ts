/**
 * Fields that several requests and answers share.
 * @module
 */
import { z } from "zod";
import { isWrittenLikeNumber } from "../phone/number.ts";
import { CONTRACT_TYPES, PARTY_ROLES } from "./agreement.ts";
import { CONTRACT_STATUSES } from "./contract.ts";
import { CURRENCIES, DECIMAL_AMOUNT, isCurrency, NOT_AN_AMOUNT } from "./money.ts";
import { isShallowJson } from "./terms.ts";

const CONTRACT_ID = "AG-261121-3FA9C1";
const BUYER = "+254712345678";
const SELLER = "+254787654321";

// A faulty field aborts: checks of the whole request would only report it again.

/** The message for an unknown currency. */
export const NOT_A_CURRENCY = "must be a currency of ISO 4217, such as KES";

/** A contract's id. */
export const contractId = z.string().min(1).max(50).meta({
  description: "Id of the contract",
  examples: [CONTRACT_ID],
});

/** A contract's status. */
export const contractStatus = z.enum(CONTRACT_STATUSES).meta({
  description: "Status of the contract",
  examples: ["active"],
});

/** A contract's type. */
export const contractType = z.enum(CONTRACT_TYPES).meta({
  description: "Kind of the contract",
  examples: ["agricultural_supply"],
});

/** A party's role. */
export const role = z.enum(PARTY_ROLES).meta({
  description: "Role of the party",
  examples: ["buyer"],
});

/** A currency in any case; the output is in capitals. */
export const currency = z.string().trim().toUpperCase()
  .refine(isCurrency, { error: NOT_A_CURRENCY, abort: true })
  .meta({
    id: "Currency",
    description: "Currency by ISO 4217",
    enum: CURRENCIES,
    examples: ["KES"],
  });

/**
 * Matches amounts of valid length. No pattern can tell how many decimals the currency allows: whole
 * amounts are valid in every one.
 */
export const AMOUNT_PATTERN = "^[0-9]{1,12}(\\.[0-9]{1,3})?$";

/** An amount in a request: a number, or a decimal text, in the major unit. */
export const givenAmount = z.union([
  z.number(NOT_AN_AMOUNT).min(0, { error: NOT_AN_AMOUNT, abort: true }),
  z.string(NOT_AN_AMOUNT).regex(DECIMAL_AMOUNT, { error: NOT_AN_AMOUNT, abort: true })
    .meta({ pattern: AMOUNT_PATTERN }),
]).meta({
  description: "In the currency's major unit, as a number or a decimal text such as 2500.50, " +
    "with no more decimals than the currency has",
  examples: [150.1],
});

/** A contract's total in the major unit. */
export const totalAmount = z.number().min(0, { abort: true }).meta({
  description: "Total in the currency's major unit, with no more decimals than the currency has",
  examples: [150.1],
});

/** A time in an answer. */
export const time = z.iso.datetime().meta({
  description: "Time in UTC by ISO 8601",
  examples: ["2026-11-21T08:00:00.000Z"],
});

/** The message for an invalid phone number. */
export const NOT_A_PHONE = `must be a phone number with its country code, such as ${BUYER}`;

/** Matches spellings that are valid for any DEFAULT_COUNTRY; no pattern can tell the others. */
const PHONE_PATTERN = "^\\+[1-9]([ ()-]{0,2}[0-9]){7,14}$";

/**
 * A phone number: as people write it in requests, in E.164 in answers. `Contracts` reads it, because
 * national numbers depend on its country.
 */
export const Phone = z.string().max(128)
  .refine(isWrittenLikeNumber, { error: NOT_A_PHONE, abort: true })
  .meta({
    description: "Phone number in E.164. Requests may use other spellings, such as " +
      "254 (712) 345-678 or tel:+254-712-345678, and national numbers of DEFAULT_COUNTRY",
    pattern: PHONE_PATTERN,
    examples: [BUYER],
  });

/** The terms of a contract. */
export const terms = z.record(z.string(), z.unknown())
  .refine(isShallowJson, "must be JSON of at most 32 levels")
  .meta({
    description:
      "What the parties agree on. `total_amount` and `currency` count if the request has none itself",
    examples: [{ product: "maize", quantity: "100", unit: "bags" }],
  });

/** The parties of a new contract. */
export const parties = z.array(z.object({
  phone: Phone,
  role,
  name: z.string().max(100).nullish().meta({ description: "Name", examples: ["Wanjiru"] }),
})).min(2).max(50).meta({
  description: "The parties, each once",
  examples: [[{ phone: BUYER, role: "buyer" }, { phone: SELLER, role: "seller", name: "Otieno" }]],
});
