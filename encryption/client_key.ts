/**
 * A client's registered key, and where such keys are stored.
 * @module
 */
import type { PublicKey } from "./public_key.ts";

/** The key of a client, with its `kid`. */
export interface ClientKey {
  /** The telephone number in E.164, or the client's own id. */
  readonly clientId: string;
  readonly jwk: PublicKey & { readonly kid: string };
  /** SHA-256 of the key (RFC 7638), in base64url: the same key has the same. */
  readonly thumbprint: string;
  readonly registeredAt: Date;
}

/** Stores keys, each change with its audit entry. Writes reject with `StoreUnavailable`. */
export interface ClientKeyStore {
  /** Every key. */
  all(): Promise<readonly ClientKey[]>;
  /** Stores a client's key, replacing the previous one. */
  put(key: ClientKey, actor: string): Promise<void>;
  /** Removes a client's key; false when it has none. */
  remove(clientId: string, at: Date, actor: string): Promise<boolean>;
}
