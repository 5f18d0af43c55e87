/**
 * Playback on a jambonz line: the far end buffers, so audio goes out a little ahead of time, and marks
 * come back when it was heard. The numbers follow jambonz's mod_audio_fork.
 * @module
 */
import { BYTES_PER_SAMPLE, durationMs, frameBytes, samplesOf } from "../../audio/pcm.ts";
import { MARKS_PENDING } from "../../protocols/jambonz_audio/messages.ts";
import type { DueAudio, MarkedPlayout } from "../../protocols/jambonz_audio/ports.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import { Playback, type PlaybackListener } from "../playback.ts";

const SAMPLE_RATE = 8000;
const FRAME_BYTES = frameBytes(20, SAMPLE_RATE);
/** How far ahead audio goes out: jambonz plays 80 ms at a time, and starts with 160. */
const LEAD_MS = 240;
/** Silence after the last audio. Without it the last 80 ms would wait for more. */
const TAIL_MS = 160;
/** The silence goes out when the far end has at most this much left. */
const TAIL_WHEN_MS = 60;
/** jambonz may lose marks after an interruption. After this time their audio counts as heard. */
const MARK_GRACE_MS = 500;
/** jambonz represents a mark by a sample of this value, and takes every such sample for one. */
const PLACE_OF_MARK = -1;

interface Piece {
  readonly pcm: AudioBytes;
  readonly mark: string;
}

interface Sent {
  readonly mark: string;
  /** When all of it should have been heard. */
  readonly heardAtMs: number;
  /** Whether jambonz was asked for the mark. */
  readonly asked: boolean;
}

/** The playback of one jambonz call, over all its audio sockets. */
export class FarPlayout extends Playback implements MarkedPlayout {
  readonly #nowMs: () => number;
  #waiting: Piece[] = [];
  /** How many bytes of the first waiting piece were sent. */
  #offset = 0;
  #sent: Sent[] = [];
  /** When the far end's buffer runs empty. */
  #silentAtMs = 0;
  #tailSent = true;

  constructor(listener: PlaybackListener, nowMs: () => number = () => performance.now()) {
    super(listener);
    this.#nowMs = nowMs;
  }

  /** Settles a mark and all earlier ones. An unknown mark is from before a drop. */
  marked(name: string, event: "playout" | "cleared"): void {
    const at = this.#sent.findIndex(({ mark }) => mark === name);
    if (at < 0) return;
    const told = this.#sent.splice(0, at + 1);
    for (const { mark } of told) this.settle(mark, event === "playout" ? "heard" : "dropped");
  }

  due(): { items: readonly DueAudio[]; againInMs: number | undefined } {
    const nowMs = this.#nowMs();
    this.#settleOverdue(nowMs);
    const items: DueAudio[] = this.takeInterruption() ? [{ kind: "interruption" }] : [];
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

  protected queue(pcm: AudioBytes, mark: string): void {
    // While anything waits, the session asks again by itself.
    if (this.#waiting.push({ pcm, mark }) === 1) this.wake();
  }

  protected unqueue(): void {
    this.#waiting = [];
    this.#offset = 0;
    this.#sent = [];
    this.#silentAtMs = 0;
    this.#tailSent = true;
  }

  #settleOverdue(nowMs: number): void {
    while (this.#sent.length > 0 && nowMs >= this.#sent[0]!.heardAtMs + MARK_GRACE_MS) {
      this.settle(this.#sent.shift()!.mark, "heard");
    }
  }

  /** Sends one frame, and a mark after the last frame of a piece. */
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
    // jambonz stores few marks: a later mark, or the time, settles the others.
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

/** A copy of whole samples, none of which looks like a mark. */
function withoutPlaces(bytes: AudioBytes): AudioBytes {
  const whole = new Uint8Array(bytes.length + bytes.length % BYTES_PER_SAMPLE);
  whole.set(bytes);
  const samples = samplesOf(whole);
  for (let at = 0; at < samples.length; at++) {
    if (samples[at] === PLACE_OF_MARK) samples[at] = 0;
  }
  return whole;
}
