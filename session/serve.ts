/**
 * The only file that touches a WebSocket: it turns frames into events and commands into frames,
 * and defends the server against slow, silent and flooding peers.
 * @module
 */
import { Backpressure } from "./backpressure.ts";
import { clipUtf8, encode, utf8Bytes } from "./encode.ts";
import { Inbox } from "./inbox.ts";
import { Lateness, loop } from "./lateness.ts";
import { DEFAULT_LIMITS, type Limits, RateLimit } from "./limits.ts";
import type { SessionFact } from "./observe.ts";
import type { AudioBytes, Command, Event } from "./protocol.ts";
import type { Conversation, Session, Socket } from "./session.ts";
import { decode, type Heard, type Said, type Wire } from "./wire.ts";

/**
 * Upgrades a request whose handshake has been checked, and serves its conversation. After the
 * upgrade nothing may throw and nothing else may be answered: either closes the listener for all.
 * @param subprotocol the one to echo; it must be one that the client offered
 */
export function upgrade<W extends Wire, Context, Notice>(
  request: Request,
  conversation: Conversation<W, Context, Notice>,
  subprotocol?: string,
): Response {
  const heartbeatMs = conversation.limits?.heartbeatMs ?? DEFAULT_LIMITS.heartbeatMs;
  // Deno splits the offered list on exactly ", " and throws where it does not find the protocol.
  const seenByDeno = request.headers.get("sec-websocket-protocol")?.split(", ") ?? [];
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: heartbeatMs / 1000,
    ...(subprotocol !== undefined && seenByDeno.includes(subprotocol)
      ? { protocol: subprotocol }
      : {}),
  });
  if (subprotocol !== undefined) response.headers.set("sec-websocket-protocol", subprotocol);
  closeAfterReading(socket);
  serve(socket, conversation);
  return response;
}

/**
 * Deno drops a connection without a close frame when it is closed while another frame waits to be
 * read, as with every flood: so what has come is read, to be forgotten, before the close goes out.
 */
function closeAfterReading(socket: WebSocket): void {
  const close = socket.close.bind(socket);
  socket.close = (code, reason) => void setTimeout(close, 0, code, reason);
}

/** Serves one conversation on a socket that is about to open. */
export function serve<W extends Wire, Context, Notice>(
  socket: Socket,
  conversation: Conversation<W, Context, Notice>,
): Session<Notice> {
  return new SocketSession(socket, conversation);
}

const OPEN = 1;
/** RFC 6455 section 5.5: a control frame holds 125 bytes, two of them the code. */
const REASON_BYTES = 123;
/** Reading a frame takes time as well, be it empty: as much as hearing so many bytes. */
const FRAME_COST_BYTES = 40;
let opened = 0;

class SocketSession<W extends Wire, Context, Notice> implements Session<Notice> {
  readonly id: string = `s${++opened}`;
  readonly door: string;
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  readonly #conversation: Conversation<W, Context, Notice>;
  readonly #limits: Limits;
  readonly #inbox: Inbox<Event<Heard<W>, Notice>>;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #rate: RateLimit;
  readonly #audioRate: RateLimit;
  readonly #backpressure: Backpressure;
  readonly #lateness: Lateness | undefined;
  readonly #leaveLoop: (() => void) | undefined;
  #opening: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setInterval> | undefined;
  #heardSinceSweep = true;
  /** Not the same as an ended inbox: a protocol that throws leaves its inbox before it is closed. */
  #closed = false;
  #resolveEnded!: () => void;

  constructor(socket: Socket, conversation: Conversation<W, Context, Notice>) {
    this.#socket = socket;
    this.#conversation = conversation;
    this.door = conversation.door;
    this.#limits = { ...DEFAULT_LIMITS, ...conversation.limits };
    this.#inbox = new Inbox(this.#limits.inboxEvents);
    const nowMs = performance.now();
    this.#rate = new RateLimit(this.#limits.messagesPerSecond, nowMs);
    this.#audioRate = new RateLimit(this.#limits.audioBytesPerSecond, nowMs);
    const { audio } = conversation.wire;
    this.#backpressure = new Backpressure(this.#limits.lateAudioMs, audio?.bytesPerMs ?? 0);
    if (audio !== undefined) {
      this.#lateness = new Lateness(audio.bytesPerMs);
      this.#leaveLoop = loop.use();
    }
    this.ended = new Promise((resolve) => this.#resolveEnded = resolve);
    conversation.sessions.add(this);
    this.#attach();
  }

  notify(notice: Notice): boolean {
    if (this.#inbox.push({ kind: "notice", notice })) return true;
    if (!this.#inbox.ended) this.#flooded("notices");
    return false;
  }

  hangUp(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closeSocket(code, reason);
    this.#end(code, reason);
  }

  #attach(): void {
    const socket = this.#socket;
    socket.binaryType = "arraybuffer";
    // If the client is gone before the response is returned, no event ever fires.
    this.#opening = setTimeout(() => this.#end(1006, "never opened"), this.#limits.openingMs);
    socket.onopen = () => this.#open();
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      // A peer that never answers our close frame may go on talking.
      if (this.#closed) return;
      if (typeof data === "string") this.#hearText(data);
      else this.#hearBinary(data);
    };
    // It says only that `close` follows; unhandled, it would end the process.
    socket.onerror = (event) => event.preventDefault();
    // A lost connection closes with code 0; an idle timeout closes twice.
    socket.onclose = ({ code, reason }: CloseEvent) => this.#end(code === 0 ? 1006 : code, reason);
  }

  #open(): void {
    clearTimeout(this.#opening);
    this.#opening = undefined;
    if (this.#closed) {
      this.#closeSocket(1001, "going away");
      return;
    }
    const { idleMs } = this.#limits;
    if (idleMs > 0) this.#idle = setInterval(() => this.#sweepIdle(), idleMs);
    this.#lateness?.arrived(0, performance.now());
    this.#observe({ kind: "opened" });
    this.#converse();
  }

  /** Contains the protocol: what it throws ends its own socket and nothing else. */
  async #converse(): Promise<void> {
    const { protocol, context } = this.#conversation;
    try {
      for await (const command of protocol(this.#inbox, context(this))) this.#perform(command);
      this.hangUp(1000, "");
    } catch (error) {
      this.#observe({ kind: "failed", error });
      this.hangUp(1011, "internal error");
    }
    this.#resolveEnded();
  }

  #hearText(text: string): void {
    this.#heardSinceSweep = true;
    const { textBytes } = this.#limits;
    // A UTF-16 unit is one to three bytes of UTF-8, so that most frames need no counting.
    if (text.length > textBytes || (text.length * 3 > textBytes && utf8Bytes(text) > textBytes)) {
      return this.hangUp(1009, `text frames hold ${textBytes} bytes at most`);
    }
    if (!this.#rate.take(performance.now())) return this.#flooded("messages");
    this.#hear(decode(this.#conversation.wire, text));
  }

  #hearBinary(buffer: ArrayBuffer): void {
    this.#heardSinceSweep = true;
    const { audioBytes, lateAudioMs } = this.#limits;
    if (buffer.byteLength > audioBytes) {
      return this.hangUp(1009, `binary frames hold ${audioBytes} bytes at most`);
    }
    if (this.#lateness === undefined) {
      if (!this.#rate.take(performance.now())) return this.#flooded("messages");
      const detail = `${buffer.byteLength} bytes`;
      return this.#hear({ kind: "malformed", why: "binary refused", detail });
    }
    const nowMs = performance.now();
    if (this.#lateness.arrived(buffer.byteLength, nowMs) > lateAudioMs) {
      return this.#observe({ kind: "dropped", what: "audio", why: "late" });
    }
    // To hear it, to find keys in it and to change its rate is work that keeps others waiting.
    if (!this.#audioRate.take(nowMs, buffer.byteLength + FRAME_COST_BYTES)) {
      return this.#observe({ kind: "dropped", what: "audio", why: "flood" });
    }
    const event = { kind: "audio", bytes: new Uint8Array(buffer) } as const;
    if (this.#inbox.push(event)) this.#observe(event);
    else if (!this.#inbox.ended) this.#observe({ kind: "dropped", what: "audio", why: "flood" });
  }

  #hear(event: Event<Heard<W>, Notice>): void {
    if (this.#inbox.push(event)) this.#observe(event);
    else if (!this.#inbox.ended) this.#flooded("messages");
  }

  #flooded(what: "messages" | "notices"): void {
    this.#observe({ kind: "dropped", what, why: "flood" });
    this.hangUp(1008, `too many ${what}`);
  }

  #perform(command: Command<Said<W>>): void {
    this.#observe(command);
    switch (command.kind) {
      case "play":
        return this.#play(command.bytes);
      case "send":
        return this.#send(command.message);
      case "timer":
        return this.#setTimer(command.timer, command.afterMs);
      case "close":
        return this.hangUp(command.code, command.reason);
      case "move":
      case "unexpected":
        return;
    }
  }

  #send(message: object): void {
    if (this.#closed || this.#socket.readyState !== OPEN) return;
    this.#socket.send(encode(message));
    if (this.#socket.bufferedAmount > this.#limits.bufferedBytes) {
      this.#observe({ kind: "dropped", what: "messages", why: "slow peer" });
      this.hangUp(1013, "too slow");
    }
  }

  #play(bytes: AudioBytes): void {
    if (this.#closed || this.#socket.readyState !== OPEN) return;
    if (this.#backpressure.isLate(this.#socket.bufferedAmount)) {
      return this.#observe({ kind: "dropped", what: "audio", why: "slow peer" });
    }
    // Deno sends a whole buffer faster than a view over all of it.
    this.#socket.send(bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes);
  }

  #setTimer(name: string, afterMs: number): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    if (afterMs === Infinity || this.#closed) return;
    const id = setTimeout(() => {
      this.#timers.delete(name);
      this.#hear({ kind: "timeout", timer: name });
    }, afterMs);
    this.#timers.set(name, id);
  }

  #sweepIdle(): void {
    if (this.#heardSinceSweep) this.#heardSinceSweep = false;
    else this.hangUp(1001, "idle");
  }

  /** Closing a socket that is still connecting throws: that one is closed when it opens. */
  #closeSocket(code: number, reason: string): void {
    if (this.#socket.readyState === OPEN) this.#socket.close(code, clipUtf8(reason, REASON_BYTES));
  }

  /** May come several times: from our own close, the peer's, and each of Deno's close events. */
  #end(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    const event = { kind: "closed", code, reason } as const;
    this.#observe(event);
    for (const id of this.#timers.values()) clearTimeout(id);
    this.#timers.clear();
    clearInterval(this.#idle);
    this.#leaveLoop?.();
    this.#inbox.end(event);
    if (this.#opening === undefined) return;
    // The protocol never began, so that nothing else will end the session.
    clearTimeout(this.#opening);
    this.#resolveEnded();
  }

  #observe(fact: SessionFact): void {
    this.#conversation.observe(this, fact);
  }
}
