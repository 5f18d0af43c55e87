/**
 * The playout of a call whose far end buffers: audio is sent a little ahead of its time, and marks
 * come back when it has been heard. What jambonz makes of both is from its module mod_audio_fork.
 * @module
 */
import { BYTES_PER_SAMPLE, durationMs, frameBytes, samplesOf } from "../../audio/pcm.ts";
import { MARKS_PENDING } from "../../protocols/jambonz_audio/messages.ts";
import type { DueAudio, MarkedPlayout } from "../../protocols/jambonz_audio/ports.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import type { PlayoutListener } from "../inbound/paced_playout.ts";

const SAMPLE_RATE = 8000;
const FRAME_BYTES = frameBytes(20, SAMPLE_RATE);
/** So far ahead audio is sent: jambonz passes on 80 ms at once, and begins with 160. */
const LEAD_MS = 240;
/** Silence behind the last audio: without it the last 80 ms would wait for more, and be heard with it. */
const TAIL_MS = 160;
/** The tail goes out when the far end has no more than this left. */
const TAIL_WHEN_MS = 60;
/** Behind an interruption jambonz may swallow marks; by then the audio before them was heard anyway. */
const MARK_GRACE_MS = 500;
/** jambonz keeps the place of a mark as a sample of this value, and takes any such sample for one. */
const PLACE_OF_MARK = -1;

interface Piece {
  readonly pcm: AudioBytes;
  readonly mark: string;
}

interface Sent {
  readonly mark: string;
  /** When all of it will have been heard, as far as can be known from here. */
  readonly heardAtMs: number;
  /** Whether jambonz was asked to tell. */
  readonly asked: boolean;
}

/** Plays what it is given, and tells its listener which marks were heard and which dropped. */
export class FarPlayout implements MarkedPlayout {
  readonly #listener: PlayoutListener;
  readonly #nowMs: () => number;
  #waiting: Piece[] = [];
  /** How much of the first piece that waits was sent, in bytes. */
  #offset = 0;
  #sent: Sent[] = [];
  /** When the far end will have nothing more to play. */
  #silentAtMs = 0;
  #tailSent = true;
  /** Whether the far end is to drop what it has, before it gets anything new. */
  #interrupts = false;

  constructor(listener: PlayoutListener, nowMs: () => number = () => performance.now()) {
    this.#listener = listener;
    this.#nowMs = nowMs;
  }

  /** Whether anything waits to be sent. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Puts audio behind all that waits. */
  give(pcm: AudioBytes, mark: string): void {
    this.#waiting.push({ pcm, mark });
  }

  /** Drops what has not been heard, here and at the far end. */
  interrupt(): void {
    this.clear();
    this.#interrupts = true;
  }

  /** Drops what has not been heard; there is no far end, or it is gone. */
  clear(): void {
    this.#interrupts = false;
    const marks = [...this.#sent, ...this.#waiting].map(({ mark }) => mark);
    this.#waiting = [];
    this.#offset = 0;
    this.#sent = [];
    this.#silentAtMs = 0;
    this.#tailSent = true;
    for (const mark of marks) this.#listener.dropped(mark);
  }

  /** What was heard up to a mark was heard before it; an unknown one is of another time. */
  marked(name: string, event: "playout" | "cleared"): void {
    const at = this.#sent.findIndex(({ mark }) => mark === name);
    if (at < 0) return;
    const told = this.#sent.splice(0, at + 1);
    for (const { mark } of told) this.#listener[event === "playout" ? "heard" : "dropped"](mark);
  }

  due(): { items: readonly DueAudio[]; againInMs: number | undefined } {
    const nowMs = this.#nowMs();
    this.#settleOverdue(nowMs);
    const items: DueAudio[] = this.#interrupts ? [{ kind: "interruption" }] : [];
    this.#interrupts = false;
    while (this.#waiting.length > 0 && this.#silentAtMs <= nowMs + LEAD_MS) {
      this.#send(items, nowMs);
    }
    if (this.#tailIsDue(nowMs)) {
      items.push({ kind: "frame", bytes: new Uint8Array(TAIL_MS * SAMPLE_RATE / 1000 * 2) });
      this.#silentAtMs = Math.max(nowMs, this.#silentAtMs) + TAIL_MS;
      this.#tailSent = true;
    }
    const nextMs = this.#nextMs();
    const againInMs = nextMs === undefined ? undefined : Math.max(0, Math.ceil(nextMs - nowMs));
    return { items, againInMs };
  }

  #settleOverdue(nowMs: number): void {
    while (this.#sent.length > 0 && nowMs >= this.#sent[0]!.heardAtMs + MARK_GRACE_MS) {
      this.#listener.heard(this.#sent.shift()!.mark);
    }
  }

  /** Sends one frame, and the mark behind a piece that has come to its end. */
  #send(items: DueAudio[], nowMs: number): void {
    const { pcm, mark } = this.#waiting[0]!;
    const bytes = pcm.subarray(this.#offset, this.#offset + FRAME_BYTES);
    this.#offset += bytes.length;
    if (bytes.length > 0) {
      items.push({ kind: "frame", bytes: withoutPlaces(bytes) });
      const ms = durationMs(bytes.length, SAMPLE_RATE);
      this.#silentAtMs = Math.max(nowMs, this.#silentAtMs) + ms;
      this.#tailSent = false;
    }
    if (this.#offset < pcm.length) return;
    this.#waiting.shift();
    this.#offset = 0;
    // One that jambonz cannot remember is settled by those behind it, or by the time.
    const asked = this.#sent.filter(({ asked }) => asked).length < MARKS_PENDING;
    if (asked) items.push({ kind: "mark", name: mark });
    this.#sent.push({ mark, asked, heardAtMs: Math.max(nowMs, this.#silentAtMs) });
  }

  #tailIsDue(nowMs: number): boolean {
    return !this.#tailSent && this.#waiting.length === 0 &&
      this.#silentAtMs - nowMs <= TAIL_WHEN_MS;
  }

  #nextMs(): number | undefined {
    if (this.#waiting.length > 0) return this.#silentAtMs - LEAD_MS;
    const overdue = this.#sent[0] === undefined ? [] : [this.#sent[0].heardAtMs + MARK_GRACE_MS];
    const tail = this.#tailSent ? [] : [this.#silentAtMs - TAIL_WHEN_MS];
    const times = [...overdue, ...tail];
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

/** A copy of whole samples in which none can be taken for the place of a mark. */
function withoutPlaces(bytes: AudioBytes): AudioBytes {
  const whole = new Uint8Array(bytes.length + bytes.length % BYTES_PER_SAMPLE);
  whole.set(bytes);
  const samples = samplesOf(whole);
  for (let at = 0; at < samples.length; at++) {
    if (samples[at] === PLACE_OF_MARK) samples[at] = 0;
  }
  return whole;
}
