/**
 * An identity provider: signs tokens, and publishes its keys over HTTP.
 * @module
 */
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { within } from "./arrivals.ts";

export const ISSUER = "https://id.example.com/";
export const AUDIENCE = "tipring";

/** One pair of keys. */
export interface Pair {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** Makes a pair of keys. */
export async function pairOf(kid: string, alg = "ES256"): Promise<Pair> {
  return { kid, alg, ...await generateKeyPair(alg, { extractable: true }) };
}

/** Claims that are valid for ten minutes, with these besides; undefined leaves one out. */
export function claims(nowMs: number, more: JWTPayload = {}): JWTPayload {
  const nowS = Math.floor(nowMs / 1000);
  const all = { iss: ISSUER, aud: AUDIENCE, sub: "ann", exp: nowS + 600, nbf: nowS, ...more };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Signs claims with a pair. */
export async function sign({ kid, alg, privateKey }: Pair, payload: JWTPayload): Promise<string> {
  return await new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(privateKey);
}

/** The provider's server. */
export class IdentityProvider implements AsyncDisposable {
  /** The published keys; empty during an outage. */
  pairs: readonly Pair[];
  /** How often its keys were fetched. */
  fetched = 0;
  isDown = false;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(...pairs: Pair[]) {
    this.pairs = pairs;
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async () => {
      this.fetched++;
      if (this.isDown) return new Response("out of order", { status: 503 });
      const keys = this.pairs.map(async ({ kid, alg, publicKey }) => ({
        ...await exportJWK(publicKey),
        kid,
        alg,
        use: "sig",
      }));
      return Response.json({ keys: await Promise.all(keys) });
    });
  }

  /** Where it publishes its keys. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/jwks.json`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(this.#server.shutdown(), () => "the identity provider goes on");
  }
}
