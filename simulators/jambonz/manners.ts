/**
 * How jambonz servers word their messages. The document has one form, vendors and versions have
 * more.
 * @module
 */
import type { JambonzWire } from "../../protocols/jambonz/messages.ts";
import type { Sent } from "../peer/peer_socket.ts";

/**
 * Ways to word the same messages:
 * `document`: by the document.
 * `numbers`: telephone numbers and keys as JSON numbers.
 * `nulls`: null for unknown fields, such as the confidence of a recogniser.
 * `missing`: only the necessary fields.
 * `newer`: with messages of newer servers, which are not in the document.
 * `large`: with 80 KiB of SIP headers in the call information.
 */
export const JAMBONZ_MANNERS = [
  "document",
  "numbers",
  "nulls",
  "missing",
  "newer",
  "large",
] as const;
/** One of these ways. */
export type JambonzManner = (typeof JAMBONZ_MANNERS)[number];

type Say = Sent<JambonzWire>;
type Data = Readonly<Record<string, unknown>>;
/** A frame as it is sent. */
type Frame = Data & { readonly msgid?: unknown };

/** The necessary fields; some servers do not have the others. */
const NEEDED: readonly string[] = [
  "call_status",
  "digits",
  "event",
  "event_type",
  "id",
  "msg",
  "reason",
  "speech",
  "status",
  "verb",
];

/** The frames of a message, worded in this manner. */
export function framesIn(manner: JambonzManner, message: Say): Frame[] {
  const data = (message.data ?? {}) as Data;
  switch (manner) {
    case "document":
      return [message];
    case "numbers":
      return [{ ...message, data: { ...data, ...numeric(data, ["from", "to", "digits"]) } }];
    case "nulls":
      return [{ ...message, data: unknown(data, (name) => [[name, null]]) }];
    case "missing":
      return [{ ...message, data: unknown(data, () => []) }];
    case "newer":
      return message.type.startsWith("session:") ? [message] : [newerThan(message), message];
    case "large":
      return [isAboutCall(message) ? { ...message, data: { ...data, sip: SIP } } : message];
  }
}

function isAboutCall({ type }: Say): boolean {
  return type === "session:new" || type === "session:reconnect";
}

/** `+254712345678` as 254712345678; other text stays as it is. */
function numeric(data: Data, names: readonly string[]): Data {
  const numbers = names.filter((name) => /^\+?[1-9]\d{0,14}$/.test(String(data[name])));
  return Object.fromEntries(numbers.map((name) => [name, Number(data[name])]));
}

/** Replaces the other fields by the entries of `say`. */
function unknown(data: Data, say: (name: string) => [string, unknown][]): Data {
  const entries = Object.entries(data).flatMap(([name, value]): [string, unknown][] =>
    name === "speech"
      ? [[name, speechIn(value as Data, say)]]
      : NEEDED.includes(name)
      ? [[name, value]]
      : say(name)
  );
  return Object.fromEntries(entries);
}

/** Of a recogniser's result only the words are necessary. */
function speechIn(speech: Data, say: (name: string) => [string, unknown][]): Data {
  const alternatives = speech["alternatives"] as readonly { readonly transcript: string }[];
  return {
    ...Object.fromEntries(["is_final", "language_code", "channel_tag"].flatMap(say)),
    alternatives: alternatives.map(({ transcript }) => ({
      transcript,
      ...Object.fromEntries(say("confidence")),
    })),
  };
}

/** A message of a newer server, sent before this one; the application may ack it. */
function newerThan({ msgid, call_sid }: Say & { readonly call_sid?: string }): Frame {
  const data = { type: "response", latency: { stt_ms: 120, llm_ms: 340 }, tts_spoken: "Hello" };
  return { type: "agent:event", msgid: `${msgid}-newer`, call_sid, hook: "/agent", data };
}

/** The longest header of a server; there may be many. */
const HEADER_CHARACTERS = 1024;
const SIP = {
  headers: Object.fromEntries(
    Array.from(
      { length: 80 },
      (_, index) => [`X-Trunk-${index + 1}`, "v".repeat(HEADER_CHARACTERS)],
    ),
  ),
};
