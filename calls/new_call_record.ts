/**
 * The record of a call that begins.
 * @module
 */
import { toE164 } from "../phone/number.ts";
import type { CallRecord, NewCall } from "./call_record.ts";

/** Makes the record; reads national numbers as numbers of `country` (ISO 3166-1). */
export function newCallRecord(seed: NewCall, at: Date, country: string | undefined): CallRecord {
  return {
    ...seed,
    id: newId(at),
    fromE164: seed.from === null ? null : toE164(seed.from, country),
    toE164: seed.to === null ? null : toE164(seed.to, country),
    state: "ringing",
    startedAt: at,
    answeredAt: null,
    endedAt: null,
    endedBy: null,
    cdr: null,
    liveConversationToken: token(),
    lastSeq: 0,
  };
}

/** UUIDv7 (RFC 9562, 5.7): calls of the same time lie together in every index, on few pages. */
function newId(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

function token(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
