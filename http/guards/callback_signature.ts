/**
 * Checks that a provider has signed what it posts.
 * @see RFC 2104
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Refused } from "../problem.ts";

/** The hash functions that providers sign with. */
export const CALLBACK_ALGORITHMS = ["sha256", "sha512", "sha1"] as const;

/** How a provider signs. */
export interface CallbackSigning {
  readonly secret: string;
  /** The header that has the signature: hex or base64, alone, as `sha256=…` or as `t=…,v1=…`. */
  readonly header: string;
  readonly algorithm: (typeof CALLBACK_ALGORITHMS)[number];
  /** The header that has the time of signing, which is then signed as well: `<time>.<body>`. */
  readonly timestampHeader: string | undefined;
  /** How old or how far ahead that time may be. */
  readonly toleranceSeconds: number;
}

/** How times of signing are written: seconds, milliseconds, or ISO 8601 with its zone. */
const TIME = String
  .raw`(?:\d{1,16}|\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d))`;
const IS_TIME = new RegExp(`^${TIME}$`);
const BEGINS_WITH_TIME = new RegExp(`^${TIME}\\.`);
/** Longer than any time. */
const TIME_BYTES = 64;

/** Checks the HMAC of bodies, as they came. */
export class CallbackSignature {
  readonly #signing: CallbackSigning;
  readonly #now: () => Date;

  constructor(signing: CallbackSigning, now: () => Date) {
    this.#signing = signing;
    this.#now = now;
  }

  /**
   * Whether a body is signed; false when the signature is missing.
   *
   * The HMAC of `<time>.<body>` is also that of a longer body without a time. What begins with a time is
   * therefore never taken as a body alone: no signature has two readings, and none can lose its time.
   * @throws {Refused} 401 when it is wrong, or signed too long ago: somebody may have recorded it
   */
  isOn(headers: Headers, body: Uint8Array): boolean {
    const { header, timestampHeader } = this.#signing;
    const shown = headers.get(header);
    if (shown === null) return false;
    const { timestamp = timestampHeader && headers.get(timestampHeader), signatures } = parts(
      shown,
    );
    if (timestamp === null) throw unsigned(`The header ${timestampHeader} is missing`);
    if (timestamp !== undefined) this.#checkTime(timestamp);
    else if (beginsWithTime(body)) {
      throw unsigned("The body begins with a time, which is no part of a body");
    }
    const expected = this.#expected(timestamp, body);
    const matching = signatures.filter((signature) => isSame(signature, expected));
    if (matching.length > 0) return true;
    throw unsigned(`The signature in ${header} does not match the body`);
  }

  #expected(timestamp: string | undefined, body: Uint8Array): Uint8Array {
    const { algorithm, secret } = this.#signing;
    const hmac = createHmac(algorithm, secret);
    if (timestamp !== undefined) hmac.update(`${timestamp}.`);
    return new Uint8Array(hmac.update(body).digest());
  }

  #checkTime(timestamp: string): void {
    const atMs = msOf(timestamp);
    const offMs = Math.abs(this.#now().getTime() - atMs);
    if (offMs <= this.#signing.toleranceSeconds * 1000) return;
    throw unsigned(`The callback was signed at ${timestamp.slice(0, 40)}, which is not now`);
  }
}

function unsigned(why: string): Refused {
  return new Refused(401, why, { headers: { "www-authenticate": 'Bearer realm="tipring"' } });
}

/** The signatures in a header, and the time of `t=…,v1=…`, which Stripe made common. */
function parts(shown: string): { timestamp?: string; signatures: readonly string[] } {
  const pairs = shown.split(",").map((pair) => /^\s*(\w+)=(.*?)\s*$/.exec(pair)?.slice(1));
  const timestamp = pairs.find((pair) => pair?.[0] === "t")?.[1];
  if (timestamp !== undefined) {
    const signatures = pairs.filter((pair) => pair?.[0] === "v1").map((pair) => pair![1]!);
    return { timestamp, signatures };
  }
  return { signatures: [shown.trim().replace(/^(sha1|sha256|sha512)=/i, "")] };
}

function beginsWithTime(body: Uint8Array): boolean {
  return BEGINS_WITH_TIME.test(new TextDecoder("latin1").decode(body.subarray(0, TIME_BYTES)));
}

/** The time in milliseconds; NaN for what is written in another way. */
function msOf(timestamp: string): number {
  if (!IS_TIME.test(timestamp)) return NaN;
  if (!/^\d+$/.test(timestamp)) return Date.parse(timestamp);
  return timestamp.length > 11 ? Number(timestamp) : Number(timestamp) * 1000;
}

function isSame(signature: string, expected: Uint8Array): boolean {
  const shown = decoded(signature, expected.length);
  return shown?.length === expected.length && timingSafeEqual(shown, expected);
}

function decoded(signature: string, bytes: number): Uint8Array | undefined {
  try {
    if (signature.length === 2 * bytes) return Uint8Array.fromHex(signature);
    return Uint8Array.fromBase64(signature.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return undefined;
  }
}
