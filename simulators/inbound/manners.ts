/**
 * How platforms word the messages of an inbound call. The document has one form, real platforms have
 * more.
 * @module
 */
import type { InboundCallWire } from "../../protocols/inbound_call/messages.ts";
import type { Sent } from "../peer/peer_socket.ts";

/**
 * Ways to word the same messages:
 * `document`: by the document.
 * `numbers`: numbers, keys and durations as JSON numbers or as text, times as Unix time, lower
 * case.
 * `nulls`: null for unknown fields, as for a caller who withholds the number.
 * `missing`: the events without fields.
 * `nonsense`: a CDR with fields of other types.
 */
export const MANNERS = ["document", "numbers", "nulls", "missing", "nonsense"] as const;
/** One of these ways. */
export type Manner = (typeof MANNERS)[number];

type Say = Sent<InboundCallWire>;

/** The `incoming_call`, worded in this manner. */
export function callOf(manner: Manner, from: string, to: string, sessionId: string): Say {
  const event = "incoming_call";
  if (manner === "missing") return { event };
  if (manner === "nulls") return { event, callerId: null, didNumber: null, sessionId: null };
  if (manner === "numbers") {
    return { event, callerId: numeric(from), didNumber: numeric(to), sessionId };
  }
  return { event, callerId: from, didNumber: to, sessionId };
}

/** A key, worded in this manner: `numbers` makes 1 a number and A lower case. */
export function keyOf(manner: Manner, digit: string): Say {
  if (manner !== "numbers") return { event: "dtmf", digit } as Say;
  return { event: "dtmf", digit: /^\d$/.test(digit) ? Number(digit) : digit.toLowerCase() } as Say;
}

/** Words a CDR of the document in this manner. */
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

/** `+254712345678` as 254712345678; other text stays as it is. */
function numeric(text: string): string | number {
  return /^\+?\d{1,15}$/.test(text) ? Number(text) : text;
}
