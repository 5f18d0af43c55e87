/**
 * What the parties of a contract agree on, and its hash.
 * @module
 */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Terms } from "./terms.ts";

/** Every kind of contract. */
export const CONTRACT_TYPES = [
  "agricultural_supply",
  "service_agreement",
  "goods_purchase",
  "logistics",
  "other",
] as const;

/** The kind of a contract. */
export type ContractType = typeof CONTRACT_TYPES[number];

/** Every role of a party. */
export const PARTY_ROLES = ["buyer", "seller", "mediator", "witness"] as const;

/** A party of a contract. Its phone number, in E.164, identifies it. */
export interface Party {
  readonly phoneNumber: string;
  readonly role: typeof PARTY_ROLES[number];
  readonly name: string | null;
}

/** What the parties agree on. The hash covers exactly this. */
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
 * The SHA-256 of an agreement's canonical JSON, as 64 lower-case hex digits. Who signed, and when, is
 * no part of it. Later versions of `canonicalize` refuse lone surrogates, which signed contracts may
 * hold: their hash must not change.
 * @see RFC 8785
 */
export function agreementHash(agreement: Agreement): string {
  const { type, parties, transcript, terms, totalMinorUnits, currency } = agreement;
  const content = { type, parties, transcript, terms, totalMinorUnits, currency };
  return createHash("sha256").update(canonicalize(content)!).digest("hex");
}
