/**
 * The one tap on every session, for logs, recordings and tests: its input, actions and faults.
 * @module
 */
import type { Command, Event } from "./protocol.ts";

/** The identity of a session's peer, with the names of the log. */
export type Peer = Readonly<Record<string, string>>;

/** Something that a session dropped on purpose, and why. */
export interface Dropped {
  readonly kind: "dropped";
  readonly what: "audio" | "messages" | "notices";
  readonly why: "late" | "slow peer" | "flood";
}

/** One fact about a session. Its messages may contain phone numbers, digits and transcripts. */
export type SessionFact =
  | { readonly kind: "opened"; readonly peer?: Peer }
  | Event<unknown, unknown>
  | Command<unknown>
  | Dropped
  | { readonly kind: "failed"; readonly error: unknown };

/** Hears each fact. It is on the audio path: it must be quick and must not throw. */
export type Observe = (
  session: { readonly id: string; readonly door: string },
  fact: SessionFact,
) => void;

/** Tells each fact to all of these, in order. */
export function observeAll(first: Observe, ...others: readonly Observe[]): Observe {
  const [next, ...more] = others;
  if (next === undefined) return first;
  // Nested, because a loop over a list costs more than the taps themselves.
  const rest = observeAll(next, ...more);
  return (session, fact) => {
    first(session, fact);
    rest(session, fact);
  };
}
