/**
 * The keys that clients have registered. While a client has one, everything sent to it is encrypted.
 * @module
 */
import { calculateJwkThumbprint } from "jose";
import type { ClientKey, ClientKeyStore } from "./client_key.ts";
import type { PublicKey } from "./public_key.ts";
import { Sealer } from "./sealer.ts";

/** A key that passes its schema but cannot encrypt: it is not a point on its curve. */
export class UnusableKey extends Error {
  override readonly name = "UnusableKey";
}

/** The maximum number of client keys is reached. */
export class TooManyKeys extends Error {
  override readonly name = "TooManyKeys";
}

/** Options of `ClientKeys`. */
export interface ClientKeysOptions {
  readonly store: ClientKeyStore;
  readonly now: () => Date;
  /** How many clients may have a key. */
  readonly limit: number;
}

/**
 * Every registered key, in memory: each update looks up the keys of its recipients. Only this server
 * changes them.
 */
export class ClientKeys {
  readonly #options: ClientKeysOptions;
  readonly #keys: Map<string, ClientKey>;
  readonly #sealer = new Sealer();

  private constructor(options: ClientKeysOptions, keys: readonly ClientKey[]) {
    this.#options = options;
    this.#keys = new Map(keys.map((key) => [key.clientId, key]));
  }

  /** Reads all keys. */
  static async open(options: ClientKeysOptions): Promise<ClientKeys> {
    return new ClientKeys(options, await options.store.all());
  }

  /** The key of a client, by its number in E.164. */
  of(clientId: string): ClientKey | undefined {
    return this.#keys.get(clientId);
  }

  /**
   * Registers a client's key, or replaces it. Messages after it resolves are encrypted for this key.
   * @throws {UnusableKey} when the key cannot encrypt
   * @throws {TooManyKeys} when the maximum number of clients have one
   */
  async register(clientId: string, jwk: PublicKey, actor: string): Promise<ClientKey> {
    const { store, now, limit } = this.#options;
    if (!this.#keys.has(clientId) && this.#keys.size >= limit) {
      throw new TooManyKeys(`Cannot register the key: ${limit} clients have one already`);
    }
    const thumbprint = await calculateJwkThumbprint(jwk);
    const named = { ...jwk, kid: jwk.kid ?? thumbprint };
    const key: ClientKey = { clientId, jwk: named, thumbprint, registeredAt: now() };
    await this.seal(key, {}).catch((cause) => {
      throw new UnusableKey(`Cannot register the key: it cannot encrypt`, { cause });
    });
    await store.put(key, actor);
    this.#keys.set(clientId, key);
    return key;
  }

  /**
   * Encrypts a message for a key, in another thread: a JWE in compact form.
   * @throws {Error} when the server has stopped
   */
  seal(key: ClientKey, message: object): Promise<string> {
    return this.#sealer.seal(key, message);
  }

  /** Ends the thread that encrypts. */
  close(): void {
    this.#sealer.close();
  }

  /** Removes a client's key; false when it has none. Later messages are sent in the clear. */
  async remove(clientId: string, actor: string): Promise<boolean> {
    const { store, now } = this.#options;
    const removed = await store.remove(clientId, now(), actor);
    this.#keys.delete(clientId);
    return removed;
  }
}
