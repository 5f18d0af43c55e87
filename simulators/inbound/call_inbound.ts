/**
 * Plays the telephone platform at the inbound call door: one call, from `incoming_call` to the
 * close after its CDR.
 * @module
 */
import { durationMs, samplesOf } from "../../audio/pcm.ts";
import { Pacer } from "../../audio/pacer.ts";
import { type InboundCallWire, inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { type AudioSource, tone } from "../audio/audio_source.ts";
import { BargeIn } from "../audio/barge_in.ts";
import { Echoes } from "../audio/echoes.ts";
import { closedWith } from "../output/connection_ends.ts";
import type { Frames, Report } from "../output/summary.ts";
import { type Sink, Timeline } from "../output/timeline.ts";
import { type Client, converse } from "../peer/converse.ts";
import { EventQueue } from "../peer/event_queue.ts";
import { bearer, type PeerSocket, type Received, type Sent } from "../peer/peer_socket.ts";
import { cdrOf } from "./cdr.ts";
import { callOf, cdrIn, keyOf, type Manner } from "./manners.ts";

/** A key that the caller presses. */
export interface KeyPress {
  readonly digit: string;
  /** Milliseconds after the answer. */
  readonly afterMs: number;
}

/** How to play one call. */
export interface InboundCallOptions {
  readonly url: string;
  readonly key?: string;
  readonly from?: string;
  readonly to?: string;
  readonly sessionId?: string;
  /** How the platform words its messages; `document`. */
  readonly manner?: Manner;
  /** The caller's voice; a tone of 440 Hz. */
  readonly audio?: AudioSource;
  readonly keys?: readonly KeyPress[];
  /** When the caller hangs up, after the answer; never with Infinity. */
  readonly hangUpAfterMs?: number;
  /** The caller gives an unanswered call up after this time; 10 s. */
  readonly answerWithinMs?: number;
  readonly sink?: Sink;
  /** Hangs up when aborted. */
  readonly signal?: AbortSignal;
}

/** The result of a call. */
export interface InboundCallReport extends Report {
  readonly frames: Frames;
  readonly answered: boolean;
  /** Who hung up. */
  readonly endedBy: "caller" | "server" | "nobody";
  /** How much audio each interrupt dropped, in milliseconds. */
  readonly interruptionsMs: readonly number[];
}

const SAMPLE_RATE = 8000;
const FRAME_BYTES = 320;
const FRAME_MS = 20;
/** How long the platform waits for frames in flight before it closes. */
const IN_FLIGHT_MS = 200;
/** The time from the CDR to the server's close. */
const CLOSE_WITHIN_MS = 10_000;
/** How much audio is ready in advance, so that a late wake-up can catch up. */
const AHEAD_MS = 100;

/** Plays one call and resolves when it is over. Never rejects because of the server. */
export async function callInbound(options: InboundCallOptions): Promise<InboundCallReport> {
  const call = new PlatformCall(options);
  await call.run();
  return call.report();
}

class PlatformCall implements Client<InboundCallWire> {
  readonly timeline: Timeline;
  readonly events = new EventQueue<Received<InboundCallWire>>();
  readonly #options: InboundCallOptions;
  readonly #sessionId: string;
  readonly #from: string;
  readonly #to: string;
  readonly #manner: Manner;
  readonly #pacer = new Pacer();
  readonly #audio: AudioSource;
  readonly #echoes = new Echoes();
  readonly #bargeIn = new BargeIn();
  readonly #interruptionsMs: number[] = [];
  #socket!: PeerSocket<InboundCallWire>;
  #state: "ringing" | "answered" | "over" = "ringing";
  #endedBy: InboundCallReport["endedBy"] = "nobody";
  #startedAt = new Date();
  #answeredAt: Date | undefined;
  /** When the caller will have heard all audio of the server. */
  #playedOutMs = 0;
  #heardAudio = false;

  constructor(options: InboundCallOptions) {
    this.#options = options;
    this.#sessionId = options.sessionId ?? crypto.randomUUID();
    this.#from = options.from ?? "+254712345678";
    this.#to = options.to ?? "5000";
    this.#manner = options.manner ?? "document";
    this.#audio = options.audio ?? tone(440);
    this.timeline = new Timeline(this.#sessionId, options.sink);
  }

  async run(): Promise<void> {
    const { url, key, signal } = this.#options;
    await converse(this, inboundCallWire, { serverUrl: url, url, headers: bearer(key), signal });
  }

  opened(socket: PeerSocket<InboundCallWire>): void {
    this.#socket = socket;
    this.#startedAt = new Date();
    this.#send(callOf(this.#manner, this.#from, this.#to, this.#sessionId));
    this.events.timer("answer", this.#options.answerWithinMs ?? 10_000);
  }

  report(): InboundCallReport {
    return {
      who: this.#sessionId,
      faults: this.timeline.faults,
      unreachable: this.timeline.unreachable,
      roundTripsMs: this.#echoes.roundTripsMs,
      frames: this.#echoes.frames,
      bargeInMs: this.#bargeIn.lastedMs,
      answered: this.#answeredAt !== undefined,
      endedBy: this.#endedBy,
      refused: this.#endedBy === "server" && this.#answeredAt === undefined,
      interruptionsMs: this.#interruptionsMs,
      facts: { answered: this.#answeredAt !== undefined, endedBy: this.#endedBy },
    };
  }

  #send(message: Sent<InboundCallWire>): void {
    const { event, ...detail } = message;
    this.timeline.sent(event, event === "hangup" ? undefined : detail);
    this.#socket.send(message);
  }

  receive(message: Received<InboundCallWire>): boolean {
    const { event, ...detail } = message;
    this.timeline.received(event, event === "dtmf" ? detail : undefined);
    if (this.#state !== "over") this.#receive(message);
    else if (this.#endedBy === "server") {
      this.timeline.broke("inbound.hangup-last", `${event} after hangup`);
    }
    return true;
  }

  #receive({ event }: Received<InboundCallWire>): void {
    if (event === "hangup") this.#over("server");
    else if (event === "interrupt") {
      const droppedMs = Math.max(0, Math.round(this.#playedOutMs - this.timeline.nowMs));
      this.#interruptionsMs.push(droppedMs);
      this.#playedOutMs = this.timeline.nowMs;
      this.#bargeIn.cut(this.#playedOutMs);
      this.timeline.note("audio that was queued is dropped", { droppedMs });
    } else if (event === "dtmf") {
      if (this.#state === "ringing") {
        this.timeline.broke("inbound.answer-first", "dtmf before answer");
      }
    } else if (this.#state === "answered") {
      this.timeline.broke("inbound.answer-once", "a second answer");
    } else this.#answered();
  }

  #answered(): void {
    this.#state = "answered";
    this.#answeredAt = new Date();
    this.events.cancel("answer");
    const { keys = [], hangUpAfterMs = Infinity } = this.#options;
    keys.forEach(({ afterMs }, index) => this.events.timer(`key ${index}`, afterMs));
    this.events.timer("hangup", hangUpAfterMs);
    this.#sendFrames();
  }

  receiveAudio(bytes: Uint8Array): void {
    if (this.#state === "ringing") {
      return this.timeline.broke("inbound.answer-first", `${bytes.length} bytes before answer`);
    }
    if (this.#state === "over") {
      if (this.#endedBy === "server") {
        this.timeline.broke("inbound.silent-last", `${bytes.length} bytes after hangup`);
      }
      return;
    }
    if (bytes.length % 2 === 1) {
      this.timeline.broke("inbound.whole-samples", `a frame of ${bytes.length} bytes`);
    }
    const nowMs = this.timeline.nowMs;
    const fromMs = Math.max(nowMs, this.#playedOutMs);
    this.#playedOutMs = fromMs + durationMs(bytes.length, SAMPLE_RATE);
    this.#bargeIn.heard(samplesOf(bytes), fromMs, this.#playedOutMs);
    const echo = this.#echoes.received(bytes, nowMs);
    if (this.#heardAudio) return;
    this.#heardAudio = true;
    this.timeline.received("first audio", { bytes: bytes.length, echo });
  }

  timeout(timer: string): boolean {
    switch (timer) {
      case "frames":
        if (this.#state === "answered") this.#sendFrames();
        return true;
      case "hangup":
      case "leave":
        this.#hangUp();
        return true;
      case "answer":
        this.timeline.broke("inbound.answer", "neither answer nor hangup came in time");
        this.#hangUp();
        return true;
      case "close":
        this.timeline.broke("inbound.close-1000", "the socket stays open after the CDR");
        return false;
      default: {
        const key = this.#options.keys?.[Number(timer.slice("key ".length))];
        if (key !== undefined && this.#state === "answered") {
          this.#bargeIn.pressed(this.timeline.nowMs);
          this.#send(keyOf(this.#manner, key.digit));
        }
        return true;
      }
    }
  }

  #sendFrames(): void {
    const nowMs = this.timeline.nowMs;
    while (this.#pacer.queuedMs < AHEAD_MS) {
      this.#pacer.give(this.#audio.read(FRAME_BYTES), nowMs);
    }
    const { frames, nextMs = nowMs + FRAME_MS } = this.#pacer.due(nowMs);
    if (this.#echoes.sent === 0) this.timeline.sent("first audio", { bytes: FRAME_BYTES });
    for (const frame of frames) this.#socket.play(this.#echoes.number(frame, nowMs));
    this.events.timer("frames", nextMs - this.timeline.nowMs);
  }

  #hangUp(): void {
    if (this.#state === "over") return;
    this.#send({ event: "hangup" });
    this.#over("caller");
  }

  #over(by: "caller" | "server"): void {
    this.#state = "over";
    this.#endedBy = by;
    this.#bargeIn.over(this.timeline.nowMs);
    for (const name of ["answer", "frames", "hangup"]) this.events.cancel(name);
    const cdr = cdrOf({
      sessionId: this.#sessionId,
      from: this.#from,
      to: this.#to,
      startedAt: this.#startedAt,
      answeredAt: this.#answeredAt,
      endedBy: by,
    });
    this.#send(cdrIn(this.#manner, cdr));
    // By the document the platform closes. Tipring closes first, when it has recorded the CDR.
    this.events.timer("close", this.#socket.isTipring ? CLOSE_WITHIN_MS : IN_FLIGHT_MS);
  }

  closed(code: number, reason: string): void {
    if (this.#state !== "over") {
      this.timeline.broke(
        "inbound.open-until-cdr",
        `${closedWith(code, reason)} while ${this.#state}`,
      );
    } else if (code !== 1000) {
      this.timeline.broke("inbound.close-1000", `${closedWith(code, reason)} after the CDR`);
    }
  }
}
