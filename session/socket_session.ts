/**
 * One session on its socket: turns frames into events and commands into frames, and defends the
 * server against slow, silent and flooding peers.
 * @module
 */
import { OutgoingAudio } from "./backpressure.ts";
import { clipUtf8, encode } from "./encode.ts";
import { Inbox } from "./inbox.ts";
import { IncomingAudio } from "./incoming_audio.ts";
import { IncomingText } from "./incoming_text.ts";
import { loop } from "./lateness.ts";
import { type Limits, limitsOf } from "./limits.ts";
import type { SessionFact } from "./observe.ts";
import type { AudioBytes, AudioEvent, Command, Conversing, Event } from "./protocol.ts";
import type { Conversation, Session, Socket } from "./session.ts";
import { SessionTimers } from "./session_timers.ts";
import { Silence, type Silenced } from "./silence.ts";
import { decode, type Heard, type Said, type Wire } from "./wire.ts";

/** Closes an open socket. */
export type Close = (socket: Socket, code: number, reason: string) => void;

const OPEN = 1;
/** RFC 6455 section 5.5: a control frame holds 125 bytes, two of them the code. */
const REASON_BYTES = 123;
/** Five seconds of audio before the first message, where one must come: it belongs to nothing. */
const UNANNOUNCED_FRAMES = 250;
/** A peer with a larger share of its limit in the buffer does not keep up. */
const KEEPS_UP = 1 / 8;
let opened = 0;

/**
 * One session. Thousands of them are silent, so it builds nothing before it is needed, and is the
 * listener of its own socket.
 */
export class SocketSession<W extends Wire, Context, Notice> implements Session<Notice>, Silenced {
  readonly id: string = `s${++opened}`;
  heard = true;
  heardAudio = true;
  awaitsFirst = false;
  readonly #socket: Socket;
  readonly #close: Close;
  readonly #conversation: Conversation<W, Context, Notice>;
  readonly #limits: Limits;
  readonly #inbox: Inbox<Event<Heard<W>, Notice>>;
  #takeAudio: Conversing<Said<W>>["takeAudio"];
  #timers: SessionTimers | undefined;
  #text: IncomingText | undefined;
  #silence: Silence | undefined;
  #unannounced = 0;
  #incoming: IncomingAudio | undefined;
  #outgoing: OutgoingAudio | undefined;
  #opening: ReturnType<typeof setTimeout> | undefined;
  #openedAtMs = 0;
  /** Not the same as an ended inbox: a protocol that throws leaves its inbox before the close. */
  #closed = false;
  /** Whether the protocol has ended, or will never begin. */
  #over = false;
  #ended: PromiseWithResolvers<void> | undefined;

  constructor(socket: Socket, conversation: Conversation<W, Context, Notice>, close: Close) {
    this.#socket = socket;
    this.#close = close;
    this.#conversation = conversation;
    this.#limits = limitsOf(conversation.limits);
    this.#inbox = new Inbox(this.#limits.inboxEvents);
    if (conversation.wire.audio !== undefined) loop.join();
    conversation.sessions.add(this);
    // No event ever fires if the client is gone before the response is returned.
    this.#opening = setTimeout(() => this.#end(1006, "never opened"), this.#limits.openingMs);
    socket.binaryType = "arraybuffer";
    for (const type of SOCKET_EVENTS) socket.addEventListener(type, this);
  }

  get door(): string {
    return this.#conversation.door;
  }

  get ended(): Promise<void> {
    this.#ended ??= Promise.withResolvers();
    if (this.#over) this.#ended.resolve();
    return this.#ended.promise;
  }

  get takesMore(): boolean {
    return this.#inbox.isAwaited &&
      this.#socket.bufferedAmount <= this.#limits.bufferedBytes * KEEPS_UP;
  }

  notify(notice: Notice): boolean {
    if (this.#inbox.push({ kind: "notice", notice })) return true;
    if (!this.#inbox.ended) this.#flooded("notices");
    return false;
  }

  notifyAudio(notice: Notice): boolean {
    if (this.#takeAudio === undefined || !this.#inbox.isAwaited) return this.notify(notice);
    this.#performAudio(this.#takeAudio, { kind: "notice", notice });
    return true;
  }

  hangUp(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closeSocket(code, reason);
    this.#end(code, reason);
  }

  handleEvent(event: globalThis.Event): void {
    switch (event.type) {
      case "message": {
        // A peer may go on talking after our close frame.
        if (this.#closed) return;
        const { data } = event as MessageEvent<string | ArrayBuffer | AudioBytes>;
        return typeof data === "string" ? this.#hearText(data) : this.#hearBinary(data);
      }
      case "open":
        return this.#open();
      case "error":
        // Only says that `close` follows. Unhandled, it would end the process.
        return event.preventDefault();
      case "close": {
        // A lost connection closes with code 0; an idle timeout closes twice.
        const { code, reason } = event as CloseEvent;
        return this.#end(code === 0 ? 1006 : code, reason);
      }
    }
  }

  #open(): void {
    clearTimeout(this.#opening);
    this.#opening = undefined;
    if (this.#closed) {
      this.#closeSocket(1001, "going away");
      return;
    }
    this.#silence = new Silence(this, this.#limits);
    this.#openedAtMs = performance.now();
    const { peer } = this.#conversation;
    this.#observe(peer === undefined ? { kind: "opened" } : { kind: "opened", peer });
    this.#converse();
  }

  /** Runs the protocol. What it throws ends its own socket and nothing else. */
  async #converse(): Promise<void> {
    const { protocol, context } = this.#conversation;
    try {
      const commands = protocol(this.#inbox, context(this));
      this.#takeAudio = commands.takeAudio;
      for await (const command of commands) this.#perform(command);
      this.hangUp(1000, "");
    } catch (error) {
      this.#fail(error);
    }
    this.#finish();
  }

  #fail(error: unknown): void {
    this.#inbox.leave();
    this.#observe({ kind: "failed", error });
    this.hangUp(1011, "internal error");
  }

  #hearText(text: string): void {
    this.heard = true;
    if (this.awaitsFirst) this.#silence?.endFirst();
    if (this.#takesText(text)) this.#hear(decode(this.#conversation.wire, text, this.#limits.json));
  }

  /** Hears a whole buffer, or a view of what the transport has received. */
  #hearBinary(data: ArrayBuffer | AudioBytes): void {
    this.heard = this.heardAudio = true;
    const { audioBytes } = this.#limits;
    if (data.byteLength > audioBytes) {
      return this.hangUp(1009, `binary frames hold ${audioBytes} bytes at most`);
    }
    const { audio } = this.#conversation.wire;
    if (audio === undefined) {
      if (!this.#takesText()) return;
      const detail = `${data.byteLength} bytes`;
      return this.#hear({ kind: "malformed", why: "binary refused", detail });
    }
    if (this.awaitsFirst && ++this.#unannounced > UNANNOUNCED_FRAMES) {
      return this.#flooded("audio");
    }
    const nowMs = performance.now();
    this.#incoming ??= new IncomingAudio(this.#limits, audio.bytesPerMs, this.#openedAtMs, nowMs);
    const fate = this.#incoming.take(data.byteLength, nowMs);
    if (fate === "flood") return this.#flooded("audio");
    if (fate !== "heard") {
      const why = fate === "late" ? "late" : "flood";
      return this.#observe({ kind: "dropped", what: "audio", why });
    }
    const event = {
      kind: "audio",
      bytes: data instanceof ArrayBuffer ? new Uint8Array(data) : data,
    } as const;
    if (this.#takeAudio !== undefined && this.#inbox.isAwaited) {
      this.#observe(event);
      return this.#performAudio(this.#takeAudio, event);
    }
    if (this.#inbox.push(event)) this.#observe(event);
    else if (!this.#inbox.ended) this.#observe({ kind: "dropped", what: "audio", why: "flood" });
  }

  #performAudio(
    takeAudio: NonNullable<Conversing<Said<W>>["takeAudio"]>,
    event: AudioEvent,
  ): void {
    try {
      const command = takeAudio(event);
      if (command !== undefined) this.#perform(command);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Whether a message may be heard. One that may not has closed the socket. */
  #takesText(text?: string): boolean {
    const nowMs = performance.now();
    this.#text ??= new IncomingText(this.#limits, nowMs);
    const fate = this.#text.take(nowMs, text);
    if (fate === "flood") this.#flooded("messages");
    if (fate === "too long") {
      this.hangUp(1009, `text frames hold ${this.#limits.textBytes} bytes at most`);
    }
    return fate === "heard";
  }

  #hear(event: Event<Heard<W>, Notice>): void {
    if (this.#inbox.push(event)) this.#observe(event);
    else if (!this.#inbox.ended) this.#flooded("messages");
  }

  #flooded(what: "messages" | "notices" | "audio"): void {
    this.#observe({ kind: "dropped", what, why: "flood" });
    this.hangUp(1008, what === "audio" ? "too much audio" : `too many ${what}`);
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
    if (this.#closed) return;
    const bytesPerMs = this.#conversation.wire.audio?.bytesPerMs ?? 0;
    this.#outgoing ??= new OutgoingAudio(this.#socket, this.#limits.lateAudioMs, bytesPerMs);
    if (this.#outgoing.isSlow()) {
      return this.#observe({ kind: "dropped", what: "audio", why: "slow peer" });
    }
    // Deno sends a whole buffer faster than a view of all of it.
    this.#socket.send(bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes);
  }

  #setTimer(name: string, afterMs: number): void {
    if (this.#closed) return;
    this.#timers ??= new SessionTimers((timer) => this.#hear({ kind: "timeout", timer }));
    this.#timers.set(name, afterMs);
  }

  /** Closes an open socket. One that is still connecting would throw, and closes when it opens. */
  #closeSocket(code: number, reason: string): void {
    const socket = this.#socket;
    if (socket.readyState === OPEN) this.#close(socket, code, clipUtf8(reason, REASON_BYTES));
  }

  /** Ends the session, once. Called by our close, the peer's, and each close event of Deno. */
  #end(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    const event = { kind: "closed", code, reason } as const;
    this.#observe(event);
    this.#conversation.place?.[Symbol.dispose]();
    this.#timers?.clear();
    this.#silence?.end();
    if (this.#conversation.wire.audio !== undefined) loop.leave();
    this.#inbox.end(event);
    if (this.#opening === undefined) return;
    // The protocol never began, so nothing else will end the session.
    clearTimeout(this.#opening);
    this.#finish();
  }

  #finish(): void {
    this.#over = true;
    this.#takeAudio = undefined;
    this.#conversation.sessions.delete(this);
    this.#ended?.resolve();
  }

  #observe(fact: SessionFact): void {
    this.#conversation.observe(this, fact);
  }
}

const SOCKET_EVENTS = ["open", "message", "error", "close"] as const;
