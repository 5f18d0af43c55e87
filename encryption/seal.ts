/**
 * Encrypts a message for a client: a JWE in compact form.
 * @see RFC 7516
 * @module
 */
import { CompactEncrypt, type CryptoKey, importJWK } from "jose";
import type { ClientKey } from "./client_key.ts";
import { CONTENT_ALGORITHM } from "./public_key.ts";

/** The text is padded with spaces, so that the length of a JWE does not reveal its status. */
const PADDED_TO_BYTES = 256;

/** The key for sealing. */
export type SealingKey = Pick<ClientKey, "jwk">;

const imported = new WeakMap<SealingKey, Promise<CryptoKey>>();

/**
 * Encrypts a message as JSON. Its header has `alg`, `enc`, `kid` and `cty`, and nothing of the message.
 * Rejects when the key is not a valid point on its curve.
 */
export async function seal(key: SealingKey, message: object): Promise<string> {
  const { alg, kid } = key.jwk;
  return await new CompactEncrypt(padded(message))
    .setProtectedHeader({ alg, enc: CONTENT_ALGORITHM, kid, cty: "json" })
    .encrypt(await cryptoKey(key));
}

/** Imports a key once. */
function cryptoKey(key: SealingKey): Promise<CryptoKey> {
  let found = imported.get(key);
  if (found === undefined) {
    found = importJWK(key.jwk, key.jwk.alg) as Promise<CryptoKey>;
    imported.set(key, found);
  }
  return found;
}

function padded(message: object): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(message));
  const length = Math.ceil(text.byteLength / PADDED_TO_BYTES) * PADDED_TO_BYTES;
  const bytes = new Uint8Array(length).fill(0x20);
  bytes.set(text);
  return bytes;
}
