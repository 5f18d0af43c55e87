/**
 * What a simulator is told: frames, timers and closings, in the one order in which they came.
 * @module
 */
import { Inbox } from "../../session/inbox.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import type { Malformation } from "../../session/wire.ts";

/** Everything that a simulator can be told. */
export type PeerEvent<Message> =
  | { readonly kind: "message"; readonly message: Message; readonly frameBytes: number }
  | { readonly kind: "audio"; readonly bytes: AudioBytes }
  | {
    readonly kind: "malformed";
    readonly why: Malformation;
    readonly detail: string;
    readonly frameBytes: number;
  }
  | { readonly kind: "timeout"; readonly timer: string }
  | { readonly kind: "closed"; readonly code: number; readonly reason: string };

/** A server that talks faster than a simulator reads is stopped by memory, not by us. */
const CAPACITY = Number.MAX_SAFE_INTEGER;

/** One queue of events with timers that push into it; it outlives the sockets that feed it. */
export class EventQueue<Message> implements AsyncIterable<PeerEvent<Message>>, Disposable {
  readonly #inbox = new Inbox<PeerEvent<Message>>(CAPACITY);
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #forget: () => void = () => {};

  /** Something has come. */
  push(told: PeerEvent<Message>): void {
    this.#inbox.push(told);
  }

  /** A `timeout` comes after so long; a second timer of a name replaces the first. */
  timer(name: string, afterMs: number): void {
    this.cancel(name);
    if (afterMs === Infinity) return;
    // Whole milliseconds upwards: a question asked too early has no answer yet.
    const id = setTimeout(() => {
      this.#timers.delete(name);
      this.push({ kind: "timeout", timer: name });
    }, Math.max(0, Math.ceil(afterMs)));
    this.#timers.set(name, id);
  }

  /** Takes a timer back. */
  cancel(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  /** The timeout `name` comes as soon as the signal is given. */
  timeoutOn(signal: AbortSignal | undefined, name: string): void {
    if (signal === undefined) return;
    const give = () => this.timer(name, 0);
    if (signal.aborted) return give();
    signal.addEventListener("abort", give);
    this.#forget = () => signal.removeEventListener("abort", give);
  }

  /** There is one reader; leaving the loop forgets what waits. */
  [Symbol.asyncIterator](): AsyncIterator<PeerEvent<Message>, undefined> {
    return this.#inbox;
  }

  [Symbol.dispose](): void {
    this.#forget();
    for (const id of this.#timers.values()) clearTimeout(id);
    this.#timers.clear();
    this.#inbox.return();
  }
}
