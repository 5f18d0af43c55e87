/**
 * How jambonz servers word what they say: the document has one way, vendors and versions have more.
 * @module
 */
import type { JambonzWire } from "../../protocols/jambonz/messages.ts";
import type { Sent } from "../peer/peer_socket.ts";

/**
 * Ways to say the same:
 * `document`: as the document has it.
 * `numbers`: telephone numbers and keys as JSON numbers.
 * `nulls`: null for what is not known, such as the confidence of a recogniser.
 * `missing`: nothing but what the message is about.
 * `newer`: as a newer server, with messages that are not in the document.
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
/** One way to say it. */
export type JambonzManner = (typeof JAMBONZ_MANNERS)[number];

type Say = Sent<JambonzWire>;
type Data = Readonly<Record<string, unknown>>;
/** A frame as it leaves. */
type Frame = Data & { readonly msgid?: unknown };

/** What a message is about; all else is there to be known, and some servers do not know it. */
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

/** The frames in which a server with these manners says it. */
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

/** `+254712345678` as 254712345678; what is no number stays as it is. */
function numeric(data: Data, names: readonly string[]): Data {
  const numbers = names.filter((name) => /^\+?[1-9]\d{0,14}$/.test(String(data[name])));
  return Object.fromEntries(numbers.map((name) => [name, Number(data[name])]));
}

/** `say` says what is not needed in its own way. */
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

/** Words are all that is needed of what a recogniser has heard. */
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

/** A message of a newer server that comes before this one; it may be acked, as an unknown one. */
function newerThan({ msgid, call_sid }: Say & { readonly call_sid?: string }): Frame {
  const data = { type: "response", latency: { stt_ms: 120, llm_ms: 340 }, tts_spoken: "Hello" };
  return { type: "agent:event", msgid: `${msgid}-newer`, call_sid, hook: "/agent", data };
}

/** A server lets no header be longer, but there may be many. */
const HEADER_CHARACTERS = 1024;
const SIP = {
  headers: Object.fromEntries(
    Array.from(
      { length: 80 },
      (_, index) => [`X-Trunk-${index + 1}`, "v".repeat(HEADER_CHARACTERS)],
    ),
  ),
};
