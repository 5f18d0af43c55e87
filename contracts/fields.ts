/**
 * The fields that several requests and answers have in common.
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

// A fault of a field aborts: checks of the whole request would only tell of it once more.

/** What is said of a currency that there is not. */
export const NOT_A_CURRENCY = "must be a currency of ISO 4217, such as KES";

/** A contract's id. */
export const contractId = z.string().min(1).max(50).meta({
  description: "Id of the contract",
  examples: [CONTRACT_ID],
});

/** A contract's status. */
export const contractStatus = z.enum(CONTRACT_STATUSES).meta({
  description: "Where the contract stands",
  examples: ["active"],
});

/** A contract's type. */
export const contractType = z.enum(CONTRACT_TYPES).meta({
  description: "What the contract is about",
  examples: ["agricultural_supply"],
});

/** A party's role. */
export const role = z.enum(PARTY_ROLES).meta({
  description: "The part that a party takes",
  examples: ["buyer"],
});

/** A currency, in capitals whatever the notation. */
export const currency = z.string().trim().toUpperCase()
  .refine(isCurrency, { error: NOT_A_CURRENCY, abort: true })
  .meta({
    id: "Currency",
    description: "Currency by ISO 4217",
    enum: CURRENCIES,
    examples: ["KES"],
  });

/**
 * Amounts that are never too long. How many decimals one may have depends on its currency, which no
 * pattern can tell: whole amounts are taken in every currency.
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

/** A time as it is given. */
export const time = z.iso.datetime().meta({
  description: "Time in UTC by ISO 8601",
  examples: ["2026-11-21T08:00:00.000Z"],
});

/** What is said of a text that is no phone number. */
export const NOT_A_PHONE = `must be a phone number with its country code, such as ${BUYER}`;

/** Spellings that are taken whatever DEFAULT_COUNTRY is; more are, but no pattern can tell which. */
const PHONE_PATTERN = "^\\+[1-9]([ ()-]{0,2}[0-9]){7,14}$";

/**
 * A phone number: taken as people write it, given in E.164. `Contracts` reads it, since its country
 * decides what a national number is.
 */
export const Phone = z.string().max(128)
  .refine(isWrittenLikeNumber, { error: NOT_A_PHONE, abort: true })
  .meta({
    description: "Phone number, given in E.164. Taken are also other spellings, such as " +
      "254 (712) 345-678 or tel:+254-712-345678, and national numbers of DEFAULT_COUNTRY",
    pattern: PHONE_PATTERN,
    examples: [BUYER],
  });

/** The terms of a contract. */
export const terms = z.record(z.string(), z.unknown())
  .refine(isShallowJson, "must be JSON of at most 32 levels")
  .meta({
    description:
      "What is agreed on. `total_amount` and `currency` count where the request itself has none",
    examples: [{ product: "maize", quantity: "100", unit: "bags" }],
  });

/** The parties of a new contract. */
export const parties = z.array(z.object({
  phone: Phone,
  role,
  name: z.string().max(100).nullish().meta({ description: "Name", examples: ["Wanjiru"] }),
})).min(2).max(50).meta({
  description: "Who takes part; nobody twice",
  examples: [[{ phone: BUYER, role: "buyer" }, { phone: SELLER, role: "seller", name: "Otieno" }]],
});
