/**
 * A client that holds a private key, as a browser would.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { compactDecrypt, type CryptoKey, exportJWK, generateKeyPair, type JWK } from "jose";
import type { Message } from "./client.ts";

/** The algorithms that a client may choose for its messages, with the curves of ECDH. */
export const KEY_FORMS = [
  { alg: "ECDH-ES+A256KW", crv: "P-256" },
  { alg: "ECDH-ES+A256KW", crv: "P-384" },
  { alg: "ECDH-ES+A256KW", crv: "X25519" },
  { alg: "RSA-OAEP-256" },
] as const;

/** The two halves of a client's key. */
export class KeyHolder {
  /** The registered key. */
  readonly jwk: JWK & { readonly alg: string };
  readonly #private: CryptoKey;

  private constructor(jwk: JWK & { alg: string }, privateKey: CryptoKey) {
    this.jwk = jwk;
    this.#private = privateKey;
  }

  /** Makes a key; by default of the kind that is quickest. */
  static async make(
    { alg, ...options }: { alg: string; crv?: string; modulusLength?: number } = KEY_FORMS[2],
  ): Promise<KeyHolder> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
    return new KeyHolder({ ...await exportJWK(publicKey), alg }, privateKey);
  }

  /** The plaintext of a JWE, whose header says no more than how to read it. */
  // deno-lint-ignore no-explicit-any
  async read(jwe: unknown, kid?: string): Promise<any> {
    assert(typeof jwe === "string", `no JWE: ${Deno.inspect(jwe)}`);
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, this.#private, {
      keyManagementAlgorithms: [this.jwk.alg],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    const { alg, enc, cty, epk: _, ...rest } = protectedHeader;
    assertEquals({ alg, enc, cty }, { alg: this.jwk.alg, enc: "A256GCM", cty: "json" });
    assertEquals(Object.keys(rest), ["kid"]);
    if (kid !== undefined) assertEquals(rest.kid, kid);
    return JSON.parse(new TextDecoder().decode(plaintext));
  }

  /** The plaintext of a socket's message, which is nothing but a JWE. */
  // deno-lint-ignore no-explicit-any
  async readMessage(message: Message): Promise<any> {
    assertEquals(Object.keys(message), ["type", "jwe"]);
    assertEquals(message["type"], "encrypted");
    return await this.read(message["jwe"]);
  }
}
