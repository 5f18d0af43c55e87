/**
 * What the parties of a contract agree on, and its hash.
 * @module
 */
import { createHash } from "node:crypto";
import type { Terms } from "./terms.ts";

/** Every kind of contract. */
export const CONTRACT_TYPES = [
  "agricultural_supply",
  "service_agreement",
  "goods_purchase",
  "logistics",
  "other",
] as const;

/** What a contract is about. */
export type ContractType = typeof CONTRACT_TYPES[number];

/** Every role of a party. */
export const PARTY_ROLES = ["buyer", "seller", "mediator", "witness"] as const;

/** Who takes part in a contract; the phone number, in E.164, tells the parties apart. */
export interface Party {
  readonly phoneNumber: string;
  readonly role: typeof PARTY_ROLES[number];
  readonly name: string | null;
}

/** What the parties agree on: the content of the hash. */
export interface Agreement {
  readonly type: ContractType;
  readonly parties: readonly Party[];
  readonly transcript: string | null;
  readonly terms: Terms;
  readonly totalMinorUnits: number | null;
  /** ISO 4217, in capitals. */
  readonly currency: string;
}

/**
 * JSON in one notation: keys sorted, nothing between the tokens, so that the same content always
 * gives the same text.
 * @see RFC 8785
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    // By UTF-16 code units, as the RFC says; a locale would sort differently elsewhere.
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${members.join(",")}}`;
}

/** The SHA-256 of an agreement, as 64 lower-case hex digits. Who signed, and when, is no part of it. */
export function agreementHash(agreement: Agreement): string {
  const { type, parties, transcript, terms, totalMinorUnits, currency } = agreement;
  const content = { type, parties, transcript, terms, totalMinorUnits, currency };
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
}
