/**
 * Where Deno's own WebSockets differ from RFC 6455: each case that ends otherwise on `native`, under
 * the name of the difference. The table of transports in docs/security.md describes them.
 * @module
 */
import type { Case, Outcome } from "./cases.ts";

/** Deno's behaviour, and the outcome of the cases that it affects. */
export interface NativeDeviation {
  readonly name: string;
  /** The outcome of this case on native; undefined if it is not affected. */
  outcomeOf(played: Case): Outcome | undefined;
}

/** The outcomes of single cases, by their names. */
function single(
  name: string,
  outcomes: Readonly<Record<string, Partial<Outcome>>>,
): NativeDeviation {
  return {
    name,
    outcomeOf(played) {
      const outcome = outcomes[played.name];
      return outcome && { heard: played.heard, end: "open", ...outcome };
    },
  };
}

/** In the order in which they are looked for: the last is for every other fault. */
export const NATIVE_DEVIATIONS: readonly NativeDeviation[] = [
  single("frames without a mask are taken", {
    "opcode 1 without a mask": { heard: ["text "] },
    "opcode 2 without a mask": { heard: ["binary "] },
    "opcode 9 without a mask": { heard: ["pong "] },
    "opcode 10 without a mask": {},
    "opcode 8 without a mask": { end: 1005 },
    "a text without a mask, after one with a mask": { heard: ["text Hello", "text x"] },
    "a continuation without a mask": { heard: ["text xy"] },
  }),
  single("a length in more bytes than it needs is taken", {
    "a text with a length of two bytes that needs one": { heard: ["text Hello"] },
    "a text with a length of eight bytes that needs one": { heard: ["text Hello"] },
    "a text with a length of eight bytes that needs two": { heard: ["text of 300 bytes"] },
    "a binary message with a length of two bytes that needs one": {
      heard: ["binary 48656c6c6f"],
    },
    "a binary message with a length of eight bytes that needs one": {
      heard: ["binary 48656c6c6f"],
    },
    "a binary message with a length of eight bytes that needs two": {
      heard: ["binary of 300 bytes"],
    },
    "a ping with a length of two bytes that needs one": { heard: ["pong 48656c6c6f"] },
  }),
  single("a message is put together whatever its length, and the session refuses it afterwards", {
    "a text over the limit": { heard: ["text of 70001 bytes"] },
    "a text in fragments over the limit": { heard: ["text of 70001 bytes"] },
    "a binary message over the limit": { heard: ["binary of 70001 bytes"] },
    "a binary message in fragments over the limit": { heard: ["binary of 70001 bytes"] },
  }),
  {
    name: "half a character at the end of the last fragment is left out",
    outcomeOf({ name }) {
      const isHalf = /^a text with (one|two|three) of .* in its second fragment$/.test(name);
      return isHalf ? { heard: ["text okκ"], end: "open" } : undefined;
    },
  },
  {
    name: "a fragment that begins within a message is taken",
    outcomeOf: ({ name }) =>
      name.startsWith("a fragment within a text") ? { heard: [], end: "open" } : undefined,
  },
  single("a control frame may be too long, unless it is a ping", {
    "a pong of 126 bytes": {},
    "a close with too long a reason": { end: 1000 },
  }),
  single("1014 is no close code", { "a close with 1014": { end: 1002 } }),
  {
    name: "the connection is dropped without a close frame",
    outcomeOf: ({ heard, end, name }) =>
      (end === 1002 || end === 1007 || end === 1009) && !CLOSE_CODE.test(name)
        ? { heard, end: "dropped" }
        : undefined,
  },
];

/** Deno answers a bad close code as it should. */
const CLOSE_CODE = /^a close with \d+$/;
