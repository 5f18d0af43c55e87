/**
 * Schemas of keys, for REST and the command line.
 * @module
 */
import { z } from "zod";
import { Scope } from "./scopes.ts";

const time = z.iso.datetime();

/** Ten years. */
const MOST_S = 315_360_000;

/** Control characters, line breaks, and marks that change how the text around them is displayed. */
const INVISIBLE =
  "\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff";
/** One line of text that is not blank, for records and logs. */
const LINE = `^[^${INVISIBLE}]*[^${INVISIBLE}\\s][^${INVISIBLE}]*$`;

function line(characters: number) {
  return z.string().max(characters).regex(new RegExp(LINE), "one line of text").trim();
}

const name = line(100).meta({
  description: "For people; records name the key by its id and this",
  examples: ["crm"],
});

const bound = z.array(line(128)).min(1).max(1000);

const clients = bound.meta({
  description: "The key sees the contracts of these clients only, and signs for nobody else; " +
    "without `numbers` it sees no calls",
  examples: [["+254712345678"]],
});

const numbers = bound.meta({
  description: "The key sees calls to these numbers only; without `clients` it sees no contracts",
  examples: [["5000"]],
});

/** A new key. */
export const KeyCreate = z.object({
  name,
  scopes: z.array(Scope).min(1).meta({ examples: [["calls:read"]] }),
  clients: clients.optional(),
  numbers: numbers.optional(),
  expires_in_s: z.number().int().min(1).max(MOST_S).optional()
    .describe("After how many seconds it expires; without this it does not"),
}).meta({ id: "KeyCreate", description: "A new key" });
/** A new key. */
export type KeyCreate = z.output<typeof KeyCreate>;

/** A key, without its text. */
export const KeyAnswer = z.object({
  id: z.string().meta({ examples: ["3Fq0ZpX8aB"] }),
  name: z.string(),
  scopes: z.array(Scope),
  clients: z.array(z.string()).nullable().describe("Null where the key is not bound"),
  numbers: z.array(z.string()).nullable().describe("Null where the key is not bound"),
  created_at: time,
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
  last_used_at: time.nullable().describe("To the minute"),
}).meta({ id: "Key", description: "A key, without its text" });
/** A key, without its text. */
export type KeyAnswer = z.output<typeof KeyAnswer>;

/** A new key with its text, which no other answer contains. */
export const KeyCreated = KeyAnswer.extend({
  key: z.string().describe("The key itself: `tpr_…`. Only this answer contains it"),
}).meta({ id: "KeyCreated", description: "A new key with its text" });

/** Selects keys. */
export const KeyListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100).describe("How many at most"),
  cursor: z.string().min(1).max(32).optional().describe("The next_cursor of the previous page"),
});

/** A page of keys. */
export const KeyListAnswer = z.object({
  keys: z.array(KeyAnswer),
  next_cursor: z.string().optional()
    .describe("The cursor of the next page; missing on the last page"),
}).meta({ id: "KeyList", description: "Keys, newest first; revoked and expired ones too" });
