/**
 * The keys that clients have registered. While a client has one, whatever is sent to it is encrypted.
 * @module
 */
import { calculateJwkThumbprint } from "jose";
import type { ClientKey, ClientKeyStore } from "./client_key.ts";
import type { PublicKey } from "./public_key.ts";
import { Sealer } from "./sealer.ts";

/** A key that passes the checks of its schema and cannot encrypt: no point of its curve. */
export class UnusableKey extends Error {
  override readonly name = "UnusableKey";
}

/**
 * Every registered key, in memory: each update asks for the keys of its audience. Only this server
 * changes them.
 */
export class ClientKeys {
  readonly #store: ClientKeyStore;
  readonly #now: () => Date;
  readonly #keys: Map<string, ClientKey>;
  readonly #sealer = new Sealer();

  private constructor(store: ClientKeyStore, now: () => Date, keys: readonly ClientKey[]) {
    this.#store = store;
    this.#now = now;
    this.#keys = new Map(keys.map((key) => [key.clientId, key]));
  }

  /** Reads all keys. */
  static async open(store: ClientKeyStore, now: () => Date): Promise<ClientKeys> {
    return new ClientKeys(store, now, await store.all());
  }

  /** The key of a client, by its number in E.164. */
  of(clientId: string): ClientKey | undefined {
    return this.#keys.get(clientId);
  }

  /**
   * Registers a client's key, or replaces it. What is encrypted after it resolves is for this key.
   * @throws {UnusableKey} when nothing can be encrypted for it
   */
  async register(clientId: string, jwk: PublicKey, actor: string): Promise<ClientKey> {
    const thumbprint = await calculateJwkThumbprint(jwk);
    const named = { ...jwk, kid: jwk.kid ?? thumbprint };
    const key: ClientKey = { clientId, jwk: named, thumbprint, registeredAt: this.#now() };
    await this.seal(key, {}).catch((cause) => {
      throw new UnusableKey(`Cannot register the key: nothing can be encrypted for it`, { cause });
    });
    await this.#store.put(key, actor);
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

  /** Removes a client's key; false when it has none. What follows is sent in the clear. */
  async remove(clientId: string, actor: string): Promise<boolean> {
    const removed = await this.#store.remove(clientId, this.#now(), actor);
    this.#keys.delete(clientId);
    return removed;
  }
}
