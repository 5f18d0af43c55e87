/**
 * The events of a simulated peer in order of arrival: frames, timeouts and the close.
 * @module
 */
import { Inbox } from "../../session/inbox.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import type { Malformation } from "../../session/wire.ts";

/** One event. */
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

/** A simulator has no limit: only memory stops a server that sends faster than it reads. */
const CAPACITY = Number.MAX_SAFE_INTEGER;

/** A queue of events, with timers that push into it. It outlives the sockets that feed it. */
export class EventQueue<Message> implements AsyncIterable<PeerEvent<Message>>, Disposable {
  readonly #inbox = new Inbox<PeerEvent<Message>>(CAPACITY);
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #forget: () => void = () => {};

  /** Adds an event. */
  push(event: PeerEvent<Message>): void {
    this.#inbox.push(event);
  }

  /** Adds a `timeout` after `afterMs`, never with Infinity; replaces a timer of the same name. */
  timer(name: string, afterMs: number): void {
    this.cancel(name);
    if (afterMs === Infinity) return;
    // Rounds up: a pacer that is asked too early has nothing due.
    const id = setTimeout(() => {
      this.#timers.delete(name);
      this.push({ kind: "timeout", timer: name });
    }, Math.max(0, Math.ceil(afterMs)));
    this.#timers.set(name, id);
  }

  /** Cancels a timer. */
  cancel(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  /** Adds the timeout `name` when the signal is aborted. */
  timeoutOn(signal: AbortSignal | undefined, name: string): void {
    if (signal === undefined) return;
    const expire = () => this.timer(name, 0);
    if (signal.aborted) return expire();
    signal.addEventListener("abort", expire);
    this.#forget = () => signal.removeEventListener("abort", expire);
  }

  /** For one reader; leaving the loop drops the waiting events. */
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
