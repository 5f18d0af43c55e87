/**
 * Authenticates clients by bearer keys, wherever a client can put one.
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { offeredSubprotocols } from "../session/handshake.ts";
import { Refused } from "./problem.ts";
import type { Guard } from "./route.ts";

/** The accepted key when API_KEYS is empty, as on loopback. */
export const DEV_KEY = "dev";

/** jambonz appends this to the whole URL, query included, when a child leg gets its own socket. */
const ADULTING = "/adulting";

/** The keys of this server. */
export class Keys {
  readonly #digests: readonly { key: string; digest: Uint8Array }[];
  /** Whether routes need a key. Without API_KEYS only live calls do. */
  readonly required: boolean;

  /** Without keys, `dev` is the accepted key, and only a guard of `always` needs it. */
  constructor(keys: readonly string[]) {
    this.required = keys.length > 0;
    const accepted = keys.length > 0 ? keys : [DEV_KEY];
    this.#digests = accepted.map((key) => ({ key, digest: digest(key) }));
  }

  /** The accepted key in a request: bearer, Basic password, `?key=`, or subprotocol. */
  shownBy(request: Request, url: URL): string | undefined {
    return shown(request.headers, url).find((key) => this.#has(key));
  }

  /** Whether a route with this guard admits a client with this key. */
  mayPass(guard: Guard, key: string | undefined): boolean {
    if (guard === "everyone") return true;
    if (guard === "key" && !this.required) return true;
    return key !== undefined;
  }

  /**
   * The password of one call's audio, valid for nothing else: 16 bytes of the call's id, and 16 of a
   * code. It is short because FreeSWITCH's audio fork has 128 bytes for the whole header.
   */
  audioPassword(callId: string, key: string): string {
    const id = Uint8Array.fromHex(callId.replaceAll("-", ""));
    return id.toBase64(BASE64URL) + audioCode(callId, key).toBase64(BASE64URL);
  }

  /** The call whose audio password is in a request; undefined for none, or one that is not ours. */
  audioCall(request: Request): string | undefined {
    const [scheme, value] = splitAuthorization(request.headers.get("authorization") ?? "");
    const password = scheme === "basic" ? basicPassword(value) : "";
    if (!AUDIO_PASSWORD.test(password)) return undefined;
    const [id, code] = [password.slice(0, 22), password.slice(22)].map(fromBase64Url);
    if (id?.length !== CODE_BYTES || code?.length !== CODE_BYTES) return undefined;
    const callId = id.toHex().replace(UUID, "$1-$2-$3-$4-$5");
    const isOurs = this.#digests.some(({ key }) => timingSafeEqual(audioCode(callId, key), code));
    return isOurs ? callId : undefined;
  }

  #has(key: string): boolean {
    const candidate = digest(key);
    return this.#digests.some((known) => timingSafeEqual(known.digest, candidate));
  }
}

/** 401 for a request without a key, or with an unknown one. */
export function unauthorized(): Refused {
  return new Refused(401, "Send a key: bearer, Basic password, or ?key=", {
    headers: { "www-authenticate": 'Bearer realm="tipring"' },
  });
}

/** The token of the pair `bearer, <token>` among the offered subprotocols: a browser can send it. */
export function bearerSubprotocol(headers: Headers): string | undefined {
  const [first, token] = offeredSubprotocols(headers);
  return first === "bearer" ? token : undefined;
}

/** `bearer` when the client offered the pair. Echo it: browsers fail a socket without it. */
export function echoedSubprotocol(headers: Headers): "bearer" | undefined {
  return bearerSubprotocol(headers) === undefined ? undefined : "bearer";
}

function shown(headers: Headers, url: URL): string[] {
  const keys: string[] = [];
  const [scheme, value] = splitAuthorization(headers.get("authorization") ?? "");
  if (scheme === "bearer") keys.push(value);
  if (scheme === "basic") keys.push(basicPassword(value));
  const query = url.searchParams.get("key");
  if (query !== null) keys.push(query, withoutAdulting(query));
  const subprotocol = bearerSubprotocol(headers);
  if (subprotocol !== undefined) keys.push(subprotocol);
  return keys;
}

/** Not by a regular expression: one takes quadratic time over a long row of slashes. */
function withoutAdulting(key: string): string {
  let end = key.length;
  while (key.endsWith(ADULTING, end)) {
    end -= ADULTING.length;
    while (key.endsWith("/", end)) end--;
  }
  return key.slice(0, end);
}

function splitAuthorization(header: string): [scheme: string, value: string] {
  const space = header.indexOf(" ");
  return [header.slice(0, space).toLowerCase(), header.slice(space + 1).trim()];
}

function basicPassword(credentials: string): string {
  try {
    const text = new TextDecoder().decode(Uint8Array.fromBase64(credentials));
    return text.slice(text.indexOf(":") + 1);
  } catch {
    return "";
  }
}

const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;
const CODE_BYTES = 16;
const AUDIO_PASSWORD = /^[\w-]{44}$/;
const UUID = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

function audioCode(callId: string, key: string): Uint8Array<ArrayBuffer> {
  const code = createHmac("sha256", key).update(`audio of ${callId}`).digest();
  return new Uint8Array(code.subarray(0, CODE_BYTES));
}

function fromBase64Url(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return undefined;
  }
}

/** Digests have one length, so comparing them reveals nothing about a key. */
function digest(key: string): Uint8Array {
  return createHash("sha256").update(key).digest();
}
