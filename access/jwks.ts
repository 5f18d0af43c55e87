/**
 * The public keys of an identity provider, refetched periodically. While it is unreachable, the
 * known keys stay valid.
 * @see RFC 7517
 * @module
 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type CryptoKey,
  customFetch,
  errors,
  type FlattenedJWSInput,
  type JWSHeaderParameters,
} from "jose";

/** The keys were never fetched, and cannot be fetched now. */
export class JwksUnavailable extends Error {
  override readonly name = "JwksUnavailable";
}

/** Dependencies of the keys. */
export interface JwksPorts {
  readonly url: URL;
  readonly now: () => Date;
  /** Called with the reason when the provider is unreachable. */
  readonly report: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** A new key is accepted with its first token, a withdrawn one is refused after this time. */
const FRESH_MS = 10 * 60_000;
/** The minimum time between fetches, whatever tokens strangers send. */
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 5000;

/** The keys behind one URL. */
export class Jwks {
  readonly #ports: JwksPorts;
  readonly #remote: ReturnType<typeof createRemoteJWKSet>;
  #triedAtMs = -Infinity;
  #fetchedAtMs = -Infinity;

  constructor(ports: JwksPorts) {
    this.#ports = ports;
    this.#remote = createRemoteJWKSet(ports.url, {
      timeoutDuration: TIMEOUT_MS,
      // We decide when to fetch: no token waits for a fetch that it does not need.
      cooldownDuration: 0,
      cacheMaxAge: Infinity,
      [customFetch]: fetchKeys,
    });
  }

  /**
   * The key that a token names.
   * @throws {JwksUnavailable} when there are no keys yet
   * @throws {errors.JOSEError} when no key fits
   */
  async keyFor(header: JWSHeaderParameters, input: FlattenedJWSInput): Promise<CryptoKey> {
    if (this.#remote.jwks() === undefined) await this.#fetch();
    else if (this.#nowMs() - this.#fetchedAtMs > FRESH_MS) void this.#fetch();
    const known = this.#remote.jwks();
    if (known === undefined) {
      throw new JwksUnavailable("The keys of the identity provider cannot be fetched");
    }
    try {
      return await createLocalJWKSet(known)(header, input);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // The token's key may be newer than ours.
      await this.#fetch();
      return await createLocalJWKSet(this.#remote.jwks() ?? known)(header, input);
    }
  }

  /** Fetches the keys, unless it has just tried. */
  async #fetch(): Promise<void> {
    if (this.#remote.reloading) return await this.#remote.reload().catch(() => {});
    if (this.#nowMs() - this.#triedAtMs < COOLDOWN_MS) return;
    this.#triedAtMs = this.#nowMs();
    try {
      await this.#remote.reload();
      this.#fetchedAtMs = this.#nowMs();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#ports.report("the identity provider's keys cannot be fetched", { why });
    }
  }

  #nowMs(): number {
    return this.#ports.now().getTime();
  }
}

/** jose leaves the body of a failed response unread, and so its connection open. */
async function fetchKeys(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  if (response.status !== 200) await response.body?.cancel();
  return response;
}
