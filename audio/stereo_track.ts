/**
 * Joins two mono streams on one timeline as stereo, by the arrival times of their pieces. It has no
 * clock and no file: the owner passes the time and takes the samples.
 * @module
 */
import { BYTES_PER_SAMPLE, PcmStream } from "./pcm.ts";

/** One of the two streams. */
export type Side = "left" | "right";

/** A piece that arrives up to this late follows the audio before it without a gap. */
export const JITTER_MS = 60;
/** How far audio may run ahead of the time; the rest of a burst is dropped. */
export const AHEAD_MS = 60_000;

const SAMPLES_PER_MS = 8;
const JITTER = JITTER_MS * SAMPLES_PER_MS;
const AHEAD = AHEAD_MS * SAMPLES_PER_MS;
/** The size of a memory block, in samples: 100 ms. */
const CHUNK = 100 * SAMPLES_PER_MS;

/**
 * 16-bit PCM of two sides, 8 kHz each. A piece that comes more than `JITTER_MS` after the end of
 * its side's audio is placed at its arrival time, and silence fills the gap; any other piece
 * follows the one before. So a side never overlaps itself, and a burst runs ahead of the time.
 *
 * Copies its input. All times are milliseconds of one monotonic clock, such as
 * `performance.now()`.
 */
export class StereoTrack {
  readonly #startMs: number;
  readonly #sides: Readonly<Record<Side, Channel>> = { left: new Channel(), right: new Channel() };
  #taken = 0;

  /** `startMs` is the time of the first sample. */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** How many samples of each side are final and can be taken. */
  get frames(): number {
    const { left, right } = this.#sides;
    return Math.min(left.length, right.length) - this.#taken;
  }

  /** The memory of the audio that can be taken, in bytes. Silence needs none. */
  get waitingBytes(): number {
    const { left, right } = this.#sides;
    // Audio ahead of the other side cannot be taken yet.
    const ahead = Math.abs(left.length - right.length);
    return Math.max(0, left.heldSamples + right.heldSamples - ahead) * BYTES_PER_SAMPLE;
  }

  /** Audio of both sides that was dropped because it ran too far ahead, in milliseconds. */
  get droppedMs(): number {
    const { left, right } = this.#sides;
    return (left.droppedSamples + right.droppedSamples) / SAMPLES_PER_MS;
  }

  /** Adds a piece of one side. Accepts any number of bytes: pieces may split samples. */
  give(side: Side, pcm: Uint8Array, nowMs: number): void {
    const now = Math.round((nowMs - this.#startMs) * SAMPLES_PER_MS);
    this.#sides[side].give(pcm, now);
    // A silent side does not delay the other.
    this.#sides[side === "left" ? "right" : "left"].reach(now);
  }

  /** Ends the track: all audio can be taken, and silence extends the shorter side. */
  end(): void {
    const { left, right } = this.#sides;
    const length = Math.max(left.length, right.length);
    left.fillTo(length);
    right.fillTo(length);
  }

  /** Takes up to `atMost` samples of each side, left and right alternating. */
  take(atMost: number): Int16Array<ArrayBuffer> {
    const frames = Math.min(atMost, this.frames);
    const stereo = new Int16Array(2 * frames);
    this.#sides.left.take(frames, stereo, 0);
    this.#sides.right.take(frames, stereo, 1);
    this.#taken += frames;
    return stereo;
  }
}

/** Audio, or silence without `samples`. */
interface Part {
  readonly samples: Int16Array | undefined;
  length: number;
}

class Channel {
  /** Where its audio ends, in samples from the beginning. */
  length = 0;
  /** Queued samples of audio. */
  heldSamples = 0;
  droppedSamples = 0;
  readonly #stream = new PcmStream();
  readonly #parts: Part[] = [];
  /** How many samples of the first part have been taken. */
  #offset = 0;
  /** Whether it ends with a gap: the next piece is placed at its arrival time. */
  #gap = false;

  give(pcm: Uint8Array, now: number): void {
    const samples = this.#stream.read(pcm);
    if (samples.length === 0) return;
    this.reach(now);
    const room = Math.max(0, now + AHEAD - this.length);
    this.#append(samples.subarray(0, room));
    this.droppedSamples += Math.max(0, samples.length - room);
    this.#gap = false;
  }

  /** Fills missing audio up to `now` with silence. */
  reach(now: number): void {
    if (!this.#gap && now - this.length <= JITTER) return;
    this.#gap = true;
    this.fillTo(now);
  }

  fillTo(position: number): void {
    const length = position - this.length;
    if (length <= 0) return;
    const last = this.#parts.at(-1);
    if (last !== undefined && last.samples === undefined) last.length += length;
    else this.#parts.push({ samples: undefined, length });
    this.length = position;
  }

  take(frames: number, stereo: Int16Array, side: 0 | 1): void {
    for (let done = 0; done < frames;) {
      const { samples, length } = this.#parts[0]!;
      const from = this.#offset;
      const count = Math.min(frames - done, length - from);
      if (samples !== undefined) {
        for (let i = 0; i < count; i++) stereo[2 * (done + i) + side] = samples[from + i]!;
        this.heldSamples -= count;
      }
      done += count;
      this.#offset += count;
      if (this.#offset < length) return;
      this.#offset = 0;
      this.#parts.shift();
    }
  }

  #append(samples: Int16Array): void {
    for (let done = 0; done < samples.length;) {
      const part = this.#open();
      const count = Math.min(samples.length - done, CHUNK - part.length);
      part.samples!.set(samples.subarray(done, done + count), part.length);
      part.length += count;
      done += count;
    }
    this.length += samples.length;
    this.heldSamples += samples.length;
  }

  /** The part that the next samples go into. */
  #open(): Part {
    const last = this.#parts.at(-1);
    if (last?.samples !== undefined && last.length < CHUNK) return last;
    const part = { samples: new Int16Array(CHUNK), length: 0 };
    this.#parts.push(part);
    return part;
  }
}
