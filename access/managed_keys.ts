/**
 * The keys in the store: created, listed and revoked while the server runs.
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { type Bounds, isWithin } from "./bounds.ts";
import type { Holder } from "./holder.ts";
import { hashOf, keyIdIn, newKeyId, newKeyText } from "./key_text.ts";
import type { Scope } from "./scopes.ts";
import type { KeyAuthor, KeyRecord, KeyStore } from "./store.ts";

/** The maximum number of keys, revoked ones included: all of them are in memory. */
export const KEYS_LIMIT = 10_000;

/** Uses are recorded to the minute, so that a request writes nothing. */
const USE_MS = 60_000;

/** The terms of a new key. */
export interface KeyTerms {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly bounds: Bounds | undefined;
  /** How long it lasts; null for no expiry. */
  readonly lastsMs: number | null;
}

/** The key does not exist, or the holder may not see it. */
export class NoSuchKey extends Error {
  override readonly name = "NoSuchKey";
}

/** A key cannot be created now. */
export class KeyConflict extends Error {
  override readonly name = "KeyConflict";
}

/**
 * The keys of this server. The database belongs to one server at a time, so the copy in memory is current.
 */
export class ManagedKeys {
  readonly #store: KeyStore;
  readonly #now: () => Date;
  readonly #keys = new Map<string, KeyRecord>();
  readonly #holders = new Map<string, Holder>();
  readonly #uses = new Map<string, Date>();

  private constructor(store: KeyStore, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** Reads the keys from the store. */
  static async open(store: KeyStore, now: () => Date): Promise<ManagedKeys> {
    const keys = new ManagedKeys(store, now);
    // Oldest first: the list is in the order of creation.
    for (const key of (await store.all()).toReversed()) keys.#keep(key);
    return keys;
  }

  /** The number of keys, revoked ones included. */
  get size(): number {
    return this.#keys.size;
  }

  /** The holder of this key; undefined when it is unknown, revoked or expired. */
  find(text: string): Holder | undefined {
    const id = keyIdIn(text);
    const key = id === undefined ? undefined : this.#keys.get(id);
    if (key === undefined || !timingSafeEqual(key.hash, hashOf(text))) return undefined;
    if (!this.isInForce(key.id)) return undefined;
    this.#use(key);
    return this.#holders.get(key.id);
  }

  /** Whether a key with this id is neither revoked nor expired. */
  isInForce(id: string): boolean {
    const key = this.#keys.get(id);
    if (key === undefined || key.revokedAt !== null) return false;
    return key.expiresAt === null || key.expiresAt > this.#now();
  }

  /** Whether a key with this id exists, in force or not. */
  has(id: string): boolean {
    return this.#keys.has(id);
  }

  /** The keys in force with one of these scopes, with their holders. */
  inForceFor(scopes: readonly Scope[]): { readonly key: KeyRecord; readonly holder: Holder }[] {
    return [...this.#keys.values()]
      .filter((key) => this.isInForce(key.id) && scopes.some((scope) => key.scopes.includes(scope)))
      .map((key) => ({ key, holder: this.#holders.get(key.id)! }));
  }

  /** Every key within these bounds, newest first. */
  list(bounds: Bounds | undefined): KeyRecord[] {
    return [...this.#keys.values()].filter((key) => isWithin(key.bounds, bounds)).reverse()
      .map((key) => ({ ...key, lastUsedAt: this.#uses.get(key.id) ?? key.lastUsedAt }));
  }

  /**
   * Creates a key. Its text is returned only here, and stored nowhere.
   * @param operation identifies the request: a repeated one creates no second key
   * @throws {KeyConflict} when there are too many, or the operation has already created one
   */
  async create(
    { lastsMs, ...terms }: KeyTerms,
    actor: string,
    operation?: string,
  ): Promise<{ readonly key: KeyRecord; readonly text: string }> {
    if (this.size >= KEYS_LIMIT) {
      throw new KeyConflict(`Cannot create a key: there are ${KEYS_LIMIT} already`);
    }
    const id = newKeyId(operation);
    const text = newKeyText(id);
    const by = this.#by(actor);
    const key: KeyRecord = {
      ...terms,
      id,
      hash: hashOf(text),
      createdAt: by.at,
      expiresAt: lastsMs === null ? null : new Date(by.at.getTime() + lastsMs),
      revokedAt: null,
      lastUsedAt: null,
    };
    if (!await this.#store.create(key, by)) {
      throw new KeyConflict(
        `Cannot show key ${id} again: the first answer to this request did, or was lost; ` +
          "revoke it and create another",
      );
    }
    this.#keep(key);
    return { key, text };
  }

  /**
   * Revokes a key permanently. Revoking it again changes nothing.
   * @throws {NoSuchKey} for an unknown id, and for a key outside these bounds
   */
  async revoke(id: string, actor: string, bounds: Bounds | undefined): Promise<void> {
    const key = this.#keys.get(id);
    if (key === undefined || !isWithin(key.bounds, bounds)) {
      throw new NoSuchKey(`No key has the id ${id}`);
    }
    if (key.revokedAt !== null) return;
    const by = this.#by(actor);
    await this.#store.revoke(id, by);
    this.#keep({ ...key, revokedAt: by.at });
  }

  /** Writes the uses since the last write. */
  async noteUses(): Promise<void> {
    const uses = [...this.#uses].map(([id, at]) => ({ id, at }));
    if (uses.length === 0) return;
    await this.#store.used(uses);
    for (const { id, at } of uses) {
      this.#keys.set(id, { ...this.#keys.get(id)!, lastUsedAt: at });
      if (this.#uses.get(id) === at) this.#uses.delete(id);
    }
  }

  #by(actor: string): KeyAuthor {
    return { actor, at: this.#now() };
  }

  #keep(key: KeyRecord): void {
    const { id, name, scopes, bounds, expiresAt } = key;
    this.#keys.set(id, key);
    this.#holders.set(id, { id, name, scopes: new Set(scopes), bounds, expiresAt });
  }

  #use({ id, lastUsedAt }: KeyRecord): void {
    const at = this.#now();
    const last = this.#uses.get(id) ?? lastUsedAt;
    if (last === null || at.getTime() - last.getTime() >= USE_MS) this.#uses.set(id, at);
  }
}
