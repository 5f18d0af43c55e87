/**
 * A conversation: events in, commands out, and nothing in between.
 * @module
 */
import type { Decoded, Heard, Said, Wire } from "./wire.ts";

/** One frame of audio: a view of the buffer that the socket received, never a copy. */
export type AudioBytes = Uint8Array<ArrayBuffer>;

/** All input of a session. `closed` always comes last. */
export type Event<HeardMessage, Notice = never> =
  | Decoded<HeardMessage>
  | { readonly kind: "audio"; readonly bytes: AudioBytes }
  | { readonly kind: "notice"; readonly notice: Notice }
  | { readonly kind: "timeout"; readonly timer: string }
  | { readonly kind: "closed"; readonly code: number; readonly reason: string };

/** An event that is unexpected in this state: counted and logged. */
export interface Unexpected {
  readonly kind: "unexpected";
  readonly what: string;
  readonly state: string;
  /** The names of the fields that were wrong. */
  readonly fields?: readonly string[];
}

/** All commands of a session. */
export type Command<SaidMessage> =
  | { readonly kind: "send"; readonly message: SaidMessage }
  | { readonly kind: "play"; readonly bytes: AudioBytes }
  | { readonly kind: "timer"; readonly timer: string; readonly afterMs: number }
  | { readonly kind: "move"; readonly from: string; readonly to: string; readonly on: string }
  | Unexpected
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

/** A frame from the peer, or from a notice. */
export type AudioEvent = Extract<Event<unknown, unknown>, { kind: "audio" | "notice" }>;

/** A running protocol: its commands, in order. */
export interface Conversing<SaidMessage> extends AsyncGenerator<Command<SaidMessage>, void, void> {
  /**
   * The fast path of audio, which arrives fifty times a second on every call: handles a frame while the
   * protocol waits for its next event. Audio changes no state, so it need not pass the promises
   * of the iteration, which cost more than all else that we do for a frame.
   */
  readonly takeAudio?: (event: AudioEvent) => Command<SaidMessage> | undefined;
}

/**
 * One conversation, from its first event to its last. It awaits nothing but its events, so
 * everything happens in one order.
 */
export type Protocol<W extends Wire, Context, Notice = never> = (
  events: AsyncIterable<Event<Heard<W>, Notice>>,
  context: Context,
) => Conversing<Said<W>>;

/** Says a message to the peer. */
export function send<Message>(message: Message): { kind: "send"; message: Message } {
  return { kind: "send", message };
}

/** Reports an event that is unexpected in this state. */
export function unexpected(what: string, state: string, fields?: readonly string[]): Unexpected {
  return { kind: "unexpected", what, state, ...(fields === undefined ? {} : { fields }) };
}

/** Plays audio to the peer, best effort: a slow peer misses some. */
export function play(bytes: AudioBytes): { kind: "play"; bytes: AudioBytes } {
  return { kind: "play", bytes };
}

/** Asks for a `timeout` event in `afterMs`; a second timer of the same name replaces the first. */
export function timer(
  name: string,
  afterMs: number,
): { kind: "timer"; timer: string; afterMs: number } {
  return { kind: "timer", timer: name, afterMs };
}

/** Cancels a timer: its `timeout` will not arrive. */
export function cancel(name: string): { kind: "timer"; timer: string; afterMs: number } {
  return { kind: "timer", timer: name, afterMs: Infinity };
}

/** Closes with a code of RFC 6455 section 7.4 and a reason of at most 123 bytes. */
export function close(
  code: number,
  reason: string,
): { kind: "close"; code: number; reason: string } {
  return { kind: "close", code, reason };
}
