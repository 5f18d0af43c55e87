/**
 * The password of one call's audio, valid for nothing else: 16 bytes of the call's id, and 16 of a
 * code. It is short because FreeSWITCH's audio fork has 128 bytes for the whole header.
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";

const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;
const CODE_BYTES = 16;
const AUDIO_PASSWORD = /^[\w-]{44}$/;
const UUID = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/** The secret behind passwords: a key, or its stored hash. */
export type AudioSecret = string | Uint8Array;

/** The password for the audio of this call, derived from this secret. */
export function audioPassword(callId: string, secret: AudioSecret): string {
  const id = Uint8Array.fromHex(callId.replaceAll("-", ""));
  return id.toBase64(BASE64URL) + audioCode(callId, secret).toBase64(BASE64URL);
}

/** The call of a password, and its secret; undefined when the password is not ours. */
export function readAudioPassword<Secret extends { readonly secret: AudioSecret }>(
  password: string,
  secrets: Iterable<Secret>,
): { readonly callId: string; readonly madeWith: Secret } | undefined {
  if (!AUDIO_PASSWORD.test(password)) return undefined;
  const [id, code] = [password.slice(0, 22), password.slice(22)].map(fromBase64Url);
  if (id?.length !== CODE_BYTES || code?.length !== CODE_BYTES) return undefined;
  const callId = id.toHex().replace(UUID, "$1-$2-$3-$4-$5");
  for (const madeWith of secrets) {
    if (timingSafeEqual(audioCode(callId, madeWith.secret), code)) return { callId, madeWith };
  }
  return undefined;
}

function audioCode(callId: string, secret: AudioSecret): Uint8Array<ArrayBuffer> {
  const code = createHmac("sha256", secret).update(`audio of ${callId}`).digest();
  return new Uint8Array(code.subarray(0, CODE_BYTES));
}

function fromBase64Url(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return undefined;
  }
}
