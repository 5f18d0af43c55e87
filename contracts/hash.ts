/**
 * The hash of what the parties agreed on.
 * @module
 */
import { createHash } from "node:crypto";
import type { Agreement } from "./contract.ts";

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
