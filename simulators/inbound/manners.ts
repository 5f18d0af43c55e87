/**
 * How platforms word what they say on an inbound call: the document has one way, real ones have more.
 * @module
 */
import type { InboundCallWire } from "../../protocols/inbound_call/messages.ts";
import type { Sent } from "../peer/peer_socket.ts";

/**
 * Ways to say the same:
 * `document`: as the document has it.
 * `numbers`: numbers, keys and durations as JSON numbers or as text, times as Unix time, small letters.
 * `nulls`: null for what is not told, as of a caller who withholds the number.
 * `missing`: nothing but the events themselves.
 * `nonsense`: a CDR whose fields are of other types.
 */
export const MANNERS = ["document", "numbers", "nulls", "missing", "nonsense"] as const;
/** One way to say it. */
export type Manner = (typeof MANNERS)[number];

type Say = Sent<InboundCallWire>;

/** The `incoming_call` of a platform with these manners. */
export function callOf(manner: Manner, from: string, to: string, sessionId: string): Say {
  const event = "incoming_call";
  if (manner === "missing") return { event };
  if (manner === "nulls") return { event, callerId: null, didNumber: null, sessionId: null };
  if (manner === "numbers") {
    return { event, callerId: numeric(from), didNumber: numeric(to), sessionId };
  }
  return { event, callerId: from, didNumber: to, sessionId };
}

/** A key: 1 as a number, A as a small letter. */
export function keyOf(manner: Manner, digit: string): Say {
  if (manner !== "numbers") return { event: "dtmf", digit } as Say;
  return { event: "dtmf", digit: /^\d$/.test(digit) ? Number(digit) : digit.toLowerCase() } as Say;
}

/** What the platform makes of a CDR that is as the document has it. */
export function cdrIn(manner: Manner, cdr: Say & { readonly event: "cdr" }): Say {
  switch (manner) {
    case "document":
      return cdr;
    case "numbers":
      return {
        ...cdr,
        source: numeric(String(cdr.source)),
        startTime: Date.parse(String(cdr.startTime)) / 1000,
        answerTime: cdr.answerTime === null ? 0 : Date.parse(String(cdr.answerTime)),
        endTime: String(Date.parse(String(cdr.endTime))),
        duration: String(cdr.duration),
        hangupCauseCode: Number(cdr.hangupCauseCode),
      };
    case "nulls": {
      const fields = Object.keys(cdr).filter((name) => name !== "event");
      return { ...Object.fromEntries(fields.map((name) => [name, null])), event: "cdr" };
    }
    case "missing":
      return { event: "cdr" };
    case "nonsense":
      return {
        event: "cdr",
        sessionId: { id: cdr.sessionId },
        source: [cdr.source],
        startTime: { at: cdr.startTime },
        endTime: "soon",
        duration: "long",
        billableSeconds: -1,
        disposition: 7,
        hangupBy: true,
        hangupCauseCode: 16.5,
        vendor: { deep: [[[cdr.source]]] },
      };
  }
}

/** `+254712345678` as 254712345678; what is no number stays as it is. */
function numeric(text: string): string | number {
  return /^\+?\d{1,15}$/.test(text) ? Number(text) : text;
}
