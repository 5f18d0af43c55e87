/**
 * Who may come in: bearer keys, wherever a client can put one.
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { offeredSubprotocols } from "../session/handshake.ts";
import { Refused } from "./problem.ts";
import type { Guard } from "./route.ts";

/** The key that is accepted on loopback where none is set. */
export const DEV_KEY = "dev";

/** jambonz puts this behind the whole URL, query and all, when a child leg comes on its own socket. */
const ADULTING = "/adulting";

/** The keys of this server. */
export class Keys {
  readonly #digests: readonly { key: string; digest: Uint8Array }[];
  /** Whether a key is asked for at all; on loopback without keys only live calls ask. */
  readonly required: boolean;

  /** With no keys, the key `dev` is accepted and asked for only by a guard of `always`. */
  constructor(keys: readonly string[]) {
    this.required = keys.length > 0;
    const accepted = keys.length > 0 ? keys : [DEV_KEY];
    this.#digests = accepted.map((key) => ({ key, digest: digest(key) }));
  }

  /** The accepted key that a request shows: bearer, Basic password, `?key=`, or as a subprotocol. */
  shownBy(request: Request, url: URL): string | undefined {
    return shown(request.headers, url).find((key) => this.#has(key));
  }

  /** Whether a route with this guard lets in somebody who showed this key. */
  mayPass(guard: Guard, key: string | undefined): boolean {
    if (guard === "everyone") return true;
    if (guard === "key" && !this.required) return true;
    return key !== undefined;
  }

  /**
   * The password of one call's audio: short, since the audio fork of a FreeSWITCH has 128 bytes for
   * the whole header, and good for nothing else. 16 bytes of the call's id, and 16 of a code.
   */
  audioPassword(callId: string, key: string): string {
    const id = Uint8Array.fromHex(callId.replaceAll("-", ""));
    return id.toBase64(BASE64URL) + audioCode(callId, key).toBase64(BASE64URL);
  }

  /** The call whose audio password a request shows; undefined for none, or one that is not ours. */
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

/** 401 for a visitor without a key, or with none of ours. */
export function unauthorized(): Refused {
  return new Refused(401, "Show a key: bearer, Basic password, or ?key=", {
    headers: { "www-authenticate": 'Bearer realm="tipring"' },
  });
}

/** The pair `bearer, <token>` among the offered subprotocols: what a browser can do. */
function bearerSubprotocol(headers: Headers): string | undefined {
  const [first, token] = offeredSubprotocols(headers);
  return first === "bearer" ? token : undefined;
}

/** `bearer` where the client offered the pair, to be echoed; browsers fail a socket without it. */
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

/** No regular expression: over a long row of slashes one takes the square of its length. */
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

/** Digests are of one length, so that comparing them tells nothing about a key. */
function digest(key: string): Uint8Array {
  return createHash("sha256").update(key).digest();
}
