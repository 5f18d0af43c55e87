/**
 * Two mono streams on one time line, as stereo: left and right keep their places by the time at
 * which their pieces came. Has no clock and no file: whoever owns them says the time and takes what
 * is there.
 * @module
 */
import { BYTES_PER_SAMPLE, PcmStream } from "./pcm.ts";

/** One of the two streams. */
export type Side = "left" | "right";

/** A piece may come so much later than the audio before it ends, and still follow it at once. */
export const JITTER_MS = 60;
/** So far a burst may run ahead of the time: what is further is left out. */
export const AHEAD_MS = 60_000;

const SAMPLES_PER_MS = 8;
const JITTER = JITTER_MS * SAMPLES_PER_MS;
const AHEAD = AHEAD_MS * SAMPLES_PER_MS;
/** Pieces are gathered in memory of this size: 100 ms. */
const CHUNK = 100 * SAMPLES_PER_MS;

/**
 * 16-bit PCM of two sides, 8 kHz each. A piece that comes later than its side's audio reaches, by
 * more than `JITTER_MS`, goes to the place of its time, and silence fills the gap; any other piece
 * follows the one before. So a side never overlaps itself, and a burst runs ahead of the time.
 *
 * What is given is copied. All times are milliseconds of one monotonic clock, such as
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

  /** How many samples of each side can be taken: nothing that comes will change them. */
  get frames(): number {
    const { left, right } = this.#sides;
    return Math.min(left.length, right.length) - this.#taken;
  }

  /** The memory of the audio that can be taken. Silence takes none. */
  get waitingBytes(): number {
    const { left, right } = this.#sides;
    // What runs ahead of the other side cannot be taken yet.
    const ahead = Math.abs(left.length - right.length);
    return Math.max(0, left.heldSamples + right.heldSamples - ahead) * BYTES_PER_SAMPLE;
  }

  /** How much was left out since it ran too far ahead, of both sides. */
  get droppedMs(): number {
    const { left, right } = this.#sides;
    return (left.droppedSamples + right.droppedSamples) / SAMPLES_PER_MS;
  }

  /** A piece of one side has come. Any number of bytes: a sample may be cut in two. */
  give(side: Side, pcm: Uint8Array, nowMs: number): void {
    const now = Math.round((nowMs - this.#startMs) * SAMPLES_PER_MS);
    this.#sides[side].give(pcm, now);
    // A side that says nothing does not hold up the other.
    this.#sides[side === "left" ? "right" : "left"].reach(now);
  }

  /** No more comes: all that was given can be taken, and both sides are of one length. */
  end(): void {
    const { left, right } = this.#sides;
    const length = Math.max(left.length, right.length);
    left.fillTo(length);
    right.fillTo(length);
  }

  /** Takes the next samples, left and right in turn: so many of each side, or as many as there are. */
  take(atMost: number): Int16Array<ArrayBuffer> {
    const frames = Math.min(atMost, this.frames);
    const stereo = new Int16Array(2 * frames);
    this.#sides.left.take(frames, stereo, 0);
    this.#sides.right.take(frames, stereo, 1);
    this.#taken += frames;
    return stereo;
  }
}

/** Audio, or silence where there are no samples. */
interface Part {
  readonly samples: Int16Array | undefined;
  length: number;
}

class Channel {
  /** Where it reaches, in samples from the beginning. */
  length = 0;
  /** Samples of audio that have not been taken. */
  heldSamples = 0;
  droppedSamples = 0;
  readonly #stream = new PcmStream();
  readonly #parts: Part[] = [];
  /** How much of the first part has been taken. */
  #offset = 0;
  /** Whether it ends with a gap: the next piece goes to the place of its time. */
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

  /** Time has passed: where audio is missing by now, silence takes its place. */
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
