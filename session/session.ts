/**
 * A session as the server sees it, and what it is made of.
 * @module
 */
import type { Limits } from "./limits.ts";
import type { Observe, Peer } from "./observe.ts";
import type { Protocol } from "./protocol.ts";
import type { Sessions } from "./sessions.ts";
import type { Wire } from "./wire.ts";

/** One peer's conversation with us, from the upgrade to its end. */
export interface Session<Notice> {
  /** Names the session in logs: unique in this process. */
  readonly id: string;
  /** The door it came in by, such as `inbound call`. */
  readonly door: string;
  /** Resolves when the protocol has ended; never rejects. */
  readonly ended: Promise<void>;
  /**
   * Whether the protocol waits for its next event and the peer has little left to receive. Who tells
   * much waits for it.
   */
  readonly takesMore: boolean;
  /** Puts a notice into the inbox; false when the session has ended or overflows. */
  notify(notice: Notice): boolean;
  /** As `notify`, by the short cut of audio: the notice brings a frame, and changes no state. */
  notifyAudio(notice: Notice): boolean;
  /** Closes the socket and ends the session at once: a peer may never answer a close frame. */
  hangUp(code: number, reason: string): void;
}

/** What a session is made of. */
export interface Conversation<W extends Wire, Context, Notice> {
  /** Names the door in logs and counts. */
  readonly door: string;
  readonly wire: W;
  readonly protocol: Protocol<W, Context, Notice>;
  /** Who the peer is, for the log: such as `by` and `origin`. */
  readonly peer?: Peer;
  /** Builds what the protocol needs from the world, once the socket is open. */
  readonly context: (session: Session<Notice>) => Context;
  /** Limits of this door that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  readonly observe: Observe;
  /** Left once: when the session has closed its socket, or the peer has, or it never opened. */
  readonly place?: Disposable | undefined;
  readonly sessions: Sessions;
}

/** The part of a WebSocket that a session uses. */
export type Socket = Pick<
  WebSocket,
  | "readyState"
  | "bufferedAmount"
  | "binaryType"
  | "send"
  | "close"
  | "addEventListener"
>;
