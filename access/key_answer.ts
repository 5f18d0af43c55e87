/**
 * Keys in answers, and requests for keys as terms.
 * @module
 */
import { boundsOf } from "./bounds.ts";
import type { KeyTerms } from "./managed_keys.ts";
import type { KeyAnswer, KeyCreate } from "./schemas.ts";
import type { KeyRecord } from "./store.ts";

/**
 * The terms in a request.
 * @param country reads national numbers as numbers of this country (ISO 3166-1)
 */
export function termsOf(
  { name, scopes, clients, numbers, expires_in_s: lastsS }: KeyCreate,
  country: string | undefined,
): KeyTerms {
  return {
    name,
    scopes: [...new Set(scopes)],
    bounds: boundsOf({ clients, numbers }, country),
    lastsMs: lastsS === undefined ? null : lastsS * 1000,
  };
}

/** A key without its hash. */
export function keyAnswer(key: KeyRecord): KeyAnswer {
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    clients: key.bounds === undefined ? null : [...key.bounds.clients],
    numbers: key.bounds === undefined ? null : [...key.bounds.numbers],
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  };
}
