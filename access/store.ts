/**
 * The port for stored keys.
 * @module
 */
import type { Bounds } from "./bounds.ts";
import type { Scope } from "./scopes.ts";

/** A key as it is stored: its terms, and the hash of its text. */
export interface KeyRecord {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the whole text. */
  readonly hash: Uint8Array;
  readonly scopes: readonly Scope[];
  readonly bounds: Bounds | undefined;
  readonly createdAt: Date;
  /** Null never expires. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** To the minute; null when it was never used. */
  readonly lastUsedAt: Date | null;
}

/** Who changed a key, and when: for the audit trail. */
export interface KeyAuthor {
  readonly actor: string;
  readonly at: Date;
}

/** When a key was last used. */
export interface KeyUse {
  readonly id: string;
  readonly at: Date;
}

/** Stores keys. Every change except a use also goes to the audit trail. Writes reject with `StoreUnavailable`. */
export interface KeyStore {
  /** Every key, revoked ones included, newest first. */
  all(): Promise<readonly KeyRecord[]>;
  /** Stores a key; false when one with this id exists. */
  create(key: KeyRecord, by: KeyAuthor): Promise<boolean>;
  /** Revokes a key; it stays in the store for reference. */
  revoke(id: string, by: KeyAuthor): Promise<void>;
  /** Stores the latest uses. */
  used(uses: readonly KeyUse[]): Promise<void>;
}
