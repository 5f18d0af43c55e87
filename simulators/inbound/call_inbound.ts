/**
 * Plays the telephone platform at the inbound call door: one call, from incoming_call to the close
 * after its CDR.
 * @module
 */
import { durationMs, samplesOf } from "../../audio/pcm.ts";
import { Pacer } from "../../audio/pacer.ts";
import { type InboundCallWire, inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { type AudioSource, tone } from "../audio/audio_source.ts";
import { BargeIn } from "../audio/barge_in.ts";
import { closedWith } from "../output/closed_with.ts";
import { Echoes } from "../audio/echoes.ts";
import { EventQueue } from "../peer/event_queue.ts";
import { cdrOf } from "./cdr.ts";
import { callOf, keyOf, type Manner } from "./manners.ts";
import { type Received, PeerSocket, bearer, type Sent } from "../peer/peer_socket.ts";
import type { Frames, Report } from "../output/summary.ts";
import { type Sink, Timeline } from "../output/timeline.ts";

/** A key that the caller presses. */
export interface KeyPress {
  readonly digit: string;
  /** Milliseconds after the answer. */
  readonly afterMs: number;
}

/** One call of the telephone platform. */
export interface InboundCallOptions {
  readonly url: string;
  readonly key?: string;
  readonly from?: string;
  readonly to?: string;
  readonly sessionId?: string;
  /** How the platform words what it says; as the document has it. */
  readonly manner?: Manner;
  /** The caller's voice; a tone of 440 Hz. */
  readonly audio?: AudioSource;
  readonly keys?: readonly KeyPress[];
  /** The caller hangs up so long after the answer; never with Infinity. */
  readonly hangUpAfterMs?: number;
  /** A call that is not answered by then is given up; 10 s. */
  readonly answerWithinMs?: number;
  /** From our CDR to the server's close; 10 s. */
  readonly closeWithinMs?: number;
  /** An echo that takes longer than this is late; 20 ms, one frame. */
  readonly lateAfterMs?: number;
  readonly sink?: Sink;
  /** Hangs up as soon as it is given. */
  readonly signal?: AbortSignal;
}

/** What a call came to. */
export interface InboundCallReport extends Report {
  readonly frames: Frames;
  readonly answered: boolean;
  /** Who hung up. */
  readonly endedBy: "caller" | "server" | "nobody";
  /** What each interrupt threw away, in milliseconds of audio. */
  readonly interruptionsMs: readonly number[];
}

const SAMPLE_RATE = 8000;
const FRAME_BYTES = 320;
const FRAME_MS = 20;
/** The platform waits this long for frames in flight before it closes. */
const UNDER_WAY_MS = 200;
/** So much audio is kept ready, so that a late wake-up can catch up. */
const AHEAD_MS = 100;

/** Makes one call and resolves when it is over. Never rejects for what a server does. */
export async function callInbound(options: InboundCallOptions): Promise<InboundCallReport> {
  const call = new PlatformCall(options);
  await call.run();
  return call.report();
}

class PlatformCall {
  readonly #options: InboundCallOptions;
  readonly #sessionId: string;
  readonly #from: string;
  readonly #to: string;
  readonly #manner: Manner;
  readonly #timeline: Timeline;
  readonly #pacer = new Pacer();
  readonly #audio: AudioSource;
  readonly #echoes: Echoes;
  readonly #bargeIn = new BargeIn();
  readonly #interruptionsMs: number[] = [];
  #events = new EventQueue<Received<InboundCallWire>>();
  #socket!: PeerSocket<InboundCallWire>;
  #state: "ringing" | "answered" | "over" = "ringing";
  #endedBy: InboundCallReport["endedBy"] = "nobody";
  #startedAt = new Date();
  #answeredAt: Date | undefined;
  /** When all audio of the server will have been played to the caller. */
  #playedOutMs = 0;
  #heardAudio = false;

  constructor(options: InboundCallOptions) {
    this.#options = options;
    this.#sessionId = options.sessionId ?? crypto.randomUUID();
    this.#from = options.from ?? "+254712345678";
    this.#to = options.to ?? "5000";
    this.#manner = options.manner ?? "document";
    this.#audio = options.audio ?? tone(440);
    this.#echoes = new Echoes(options.lateAfterMs);
    this.#timeline = new Timeline(this.#sessionId, options.sink);
  }

  async run(): Promise<void> {
    using events = this.#events;
    const { url, key, signal, answerWithinMs = 10_000 } = this.#options;
    try {
      const approach = { url, headers: bearer(key) };
      this.#socket = await PeerSocket.open(inboundCallWire, approach, events);
    } catch (error) {
      return this.#timeline.cannotConnect(url, error as Error);
    }
    this.#timeline.checksHabits = this.#socket.isTipring;
    this.#startedAt = new Date();
    this.#say(callOf(this.#manner, this.#from, this.#to, this.#sessionId));
    events.timer("answer", answerWithinMs);
    events.timeoutOn(signal, "leave");
    for await (const told of events) {
      if (told.kind === "closed") {
        this.#closed(told.code, told.reason);
        break;
      }
      if (told.kind === "message") this.#hear(told.message);
      else if (told.kind === "audio") this.#hearAudio(told.bytes);
      else if (told.kind === "malformed") {
        this.#timeline.broke("known-messages", `${told.why}: ${told.detail}`);
      } else if (!this.#timeout(told.timer)) break;
    }
    await this.#socket.leave();
  }

  report(): InboundCallReport {
    return {
      who: this.#sessionId,
      faults: this.#timeline.faults,
      unreachable: this.#timeline.unreachable,
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

  #say(message: Sent<InboundCallWire>): void {
    const { event, ...detail } = message;
    this.#timeline.sent(event, event === "hangup" ? undefined : detail);
    this.#socket.send(message);
  }

  #hear(message: Received<InboundCallWire>): void {
    const { event, ...detail } = message;
    this.#timeline.received(event, event === "dtmf" ? detail : undefined);
    if (this.#state === "over") {
      if (this.#endedBy === "server") {
        this.#timeline.broke("inbound.hangup-last", `${event} after hangup`);
      }
      return;
    }
    switch (message.event) {
      case "answer":
        if (this.#state === "answered") {
          return this.#timeline.broke("inbound.answer-once", "a second answer");
        }
        return this.#answered();
      case "dtmf":
        if (this.#state === "ringing") {
          this.#timeline.broke("inbound.answer-first", "dtmf before answer");
        }
        return;
      case "interrupt": {
        const droppedMs = Math.max(0, Math.round(this.#playedOutMs - this.#timeline.nowMs));
        this.#interruptionsMs.push(droppedMs);
        this.#playedOutMs = this.#timeline.nowMs;
        this.#bargeIn.cut(this.#playedOutMs);
        return this.#timeline.note("audio that was queued is dropped", { droppedMs });
      }
      case "hangup":
        return this.#over("server");
    }
  }

  #answered(): void {
    this.#state = "answered";
    this.#answeredAt = new Date();
    this.#events.cancel("answer");
    const { keys = [], hangUpAfterMs = Infinity } = this.#options;
    keys.forEach(({ afterMs }, index) => this.#events.timer(`key ${index}`, afterMs));
    this.#events.timer("hangup", hangUpAfterMs);
    this.#sendFrames();
  }

  #hearAudio(bytes: Uint8Array): void {
    if (this.#state === "ringing") {
      return this.#timeline.broke("inbound.answer-first", `${bytes.length} bytes before answer`);
    }
    if (this.#state === "over") {
      if (this.#endedBy === "server") {
        this.#timeline.broke("inbound.silent-last", `${bytes.length} bytes after hangup`);
      }
      return;
    }
    if (bytes.length % 2 === 1) {
      this.#timeline.broke("inbound.whole-samples", `a frame of ${bytes.length} bytes`);
    }
    const nowMs = this.#timeline.nowMs;
    const fromMs = Math.max(nowMs, this.#playedOutMs);
    this.#playedOutMs = fromMs + durationMs(bytes.length, SAMPLE_RATE);
    this.#bargeIn.heard(samplesOf(bytes), fromMs, this.#playedOutMs);
    const echo = this.#echoes.came(bytes, nowMs);
    if (this.#heardAudio) return;
    this.#heardAudio = true;
    this.#timeline.received("first audio", { bytes: bytes.length, echo });
  }

  /** False where there is nothing more to wait for. */
  #timeout(name: string): boolean {
    switch (name) {
      case "frames":
        if (this.#state === "answered") this.#sendFrames();
        return true;
      case "hangup":
      case "leave":
        this.#hangUp();
        return true;
      case "answer":
        this.#timeline.broke("inbound.answer", "neither answer nor hangup came in time");
        this.#hangUp();
        return true;
      case "close":
        this.#timeline.broke("inbound.close-1000", "the socket stays open after the CDR");
        return false;
      default: {
        const key = this.#options.keys?.[Number(name.slice("key ".length))];
        if (key !== undefined && this.#state === "answered") {
          this.#bargeIn.pressed(this.#timeline.nowMs);
          this.#say(keyOf(this.#manner, key.digit));
        }
        return true;
      }
    }
  }

  #sendFrames(): void {
    const nowMs = this.#timeline.nowMs;
    while (this.#pacer.queuedMs < AHEAD_MS) {
      this.#pacer.give(this.#audio.read(FRAME_BYTES), nowMs);
    }
    const { frames, nextMs = nowMs + FRAME_MS } = this.#pacer.due(nowMs);
    if (this.#echoes.sent === 0) this.#timeline.sent("first audio", { bytes: FRAME_BYTES });
    for (const frame of frames) this.#socket.play(this.#echoes.number(frame, nowMs));
    this.#events.timer("frames", nextMs - this.#timeline.nowMs);
  }

  #hangUp(): void {
    if (this.#state === "over") return;
    this.#say({ event: "hangup" });
    this.#over("caller");
  }

  #over(by: "caller" | "server"): void {
    this.#state = "over";
    this.#endedBy = by;
    this.#bargeIn.over(this.#timeline.nowMs);
    for (const name of ["answer", "frames", "hangup"]) this.#events.cancel(name);
    this.#say(cdrOf(this.#manner, {
      sessionId: this.#sessionId,
      from: this.#from,
      to: this.#to,
      startedAt: this.#startedAt,
      answeredAt: this.#answeredAt,
      endedAt: new Date(),
      endedBy: by,
    }));
    const { closeWithinMs = 10_000 } = this.#options;
    // Closing is left to the platform; but Tipring's close says that the CDR is kept.
    this.#events.timer("close", this.#socket.isTipring ? closeWithinMs : UNDER_WAY_MS);
  }

  #closed(code: number, reason: string): void {
    this.#timeline.received("close", { code, reason });
    if (this.#state !== "over") {
      this.#timeline.broke(
        "inbound.open-until-cdr",
        `${closedWith(code, reason)} while ${this.#state}`,
      );
    } else if (code !== 1000) {
      this.#timeline.broke("inbound.close-1000", `${closedWith(code, reason)} after the CDR`);
    }
  }
}
