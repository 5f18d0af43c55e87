/**
 * A socket without a network, as strict as Deno's, and a tap that records what a session does.
 * @module
 */
import type { SessionFact } from "../../session/observe.ts";
import { serve } from "../../session/serve.ts";
import type { Conversation, Session, Socket } from "../../session/session.ts";
import { Sessions } from "../../session/sessions.ts";
import type { Wire } from "../../session/wire.ts";
import { Arrivals, within } from "./arrivals.ts";

/** The test controls the peer's end: `open`, `hear`, `lose`. */
export class FakeSocket implements Socket {
  binaryType: BinaryType = "blob";
  readyState = 0;
  /** The buffered amount, set by the test. */
  bufferedAmount = 0;
  readonly #events = new EventTarget();
  /** Every frame that reached the peer. */
  readonly sent: unknown[] = [];
  /** Every close frame that reached the peer. */
  readonly closes: { code: number | undefined; reason: string | undefined }[] = [];

  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void {
    this.#events.addEventListener(type, listener);
  }

  send(data: unknown): void {
    if (this.readyState === 0) throw new DOMException("is connecting", "InvalidStateError");
    // After a close Deno silently drops sent frames.
    if (this.readyState === 1) this.sent.push(data);
  }

  close(code?: number, reason?: string): void {
    if (this.readyState === 0) throw new DOMException("is connecting", "InvalidStateError");
    if (new TextEncoder().encode(reason).byteLength > 123) {
      throw new DOMException("the reason is too long", "SyntaxError");
    }
    this.readyState = 2;
    this.closes.push({ code, reason });
  }

  /** Completes the handshake. */
  open(): void {
    this.readyState = 1;
    this.#events.dispatchEvent(new Event("open"));
  }

  /** Receives a frame. */
  hear(data: string | ArrayBuffer): void {
    this.#events.dispatchEvent(new MessageEvent("message", { data }));
  }

  /** Receives JSON in a text frame. */
  hearJson(message: unknown): void {
    this.hear(JSON.stringify(message));
  }

  /** Closes the socket; code 0 is Deno's code for a lost connection. */
  lose(code: number, reason = ""): void {
    this.readyState = 3;
    this.#events.dispatchEvent(new CloseEvent("close", { code, reason }));
  }

  /** Something has gone wrong: true where the session has dealt with it. */
  fail(error: ErrorEvent): boolean {
    return !this.#events.dispatchEvent(error);
  }
}

/** Records every fact of a session, and waits for further facts. */
export class Tap {
  readonly #arrivals = new Arrivals<SessionFact>();

  readonly observe = (_session: unknown, fact: SessionFact): void => this.#arrivals.push(fact);

  /** All facts so far. */
  get facts(): readonly SessionFact[] {
    return this.#arrivals.all;
  }

  /** The kinds of all facts so far. */
  get kinds(): SessionFact["kind"][] {
    return this.facts.map(({ kind }) => kind);
  }

  /** Resolves when there are this many facts of a kind. */
  async until(kind: SessionFact["kind"], times = 1): Promise<void> {
    const enough = () => this.kinds.filter((other) => other === kind).length >= times;
    await this.#arrivals.some(enough, `${times} facts "${kind}"`);
  }
}

/** A session on a fake socket. */
export interface Served<Notice> {
  readonly socket: FakeSocket;
  readonly session: Session<Notice>;
  readonly tap: Tap;
  readonly sessions: Sessions;
}

/** Serves a conversation on a fake socket that is not open yet. */
export function serveFake<W extends Wire, Context, Notice>(
  conversation: Omit<Conversation<W, Context, Notice>, "door" | "observe" | "sessions">,
): Served<Notice> {
  const socket = new FakeSocket();
  const tap = new Tap();
  const sessions = new Sessions();
  const session = serve(socket, { door: "test", observe: tap.observe, sessions, ...conversation });
  return { socket, session: ending(session, tap), tap, sessions };
}

/** The same session, with a deadline for its end. */
function ending<Notice>(session: Session<Notice>, tap: Tap): Session<Notice> {
  return {
    id: session.id,
    door: session.door,
    notify: (notice) => session.notify(notice),
    notifyAudio: (notice) => session.notifyAudio(notice),
    hangUp: (code, reason) => session.hangUp(code, reason),
    get takesMore() {
      return session.takesMore;
    },
    get ended() {
      return within(session.ended, () => `the session goes on after ${Deno.inspect(tap.facts)}`);
    },
  };
}
