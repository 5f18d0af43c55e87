/**
 * Paces audio in real time: takes PCM in pieces of any size and returns the 20 ms frames that are
 * due. It has no clock or timer: the owner calls `due` with the time, and again at `nextMs`.
 * @module
 */
import { durationMs, frameBytes } from "./pcm.ts";

/** How a pacer cuts and catches up. */
export interface PacerSettings {
  /** The sample rate of the mono PCM; 8000. */
  readonly sampleRate?: number;
  /** The length of a frame, in milliseconds; 20. */
  readonly frameMs?: number;
  /** The most frames in one burst after a late wake-up; 5. A longer delay shifts the audio. */
  readonly maxBurst?: number;
}

/** The output that is due at one moment. */
export interface Due {
  /** The frames to send now, in order, all of one size: views of the given PCM, or copies. */
  readonly frames: readonly Uint8Array<ArrayBuffer>[];
  /** The marks whose audio has been heard completely. */
  readonly marks: readonly string[];
  /** When to ask again unless more audio comes first; undefined when nothing is queued. */
  readonly nextMs: number | undefined;
}

interface Mark {
  readonly name: string;
  /** The number of bytes given before it. */
  readonly position: number;
}

interface PlacedMark {
  readonly name: string;
  readonly heardAtMs: number;
}

/**
 * A queue of mono 16-bit PCM that is sent in real time.
 *
 * Frame `n` is due at `origin + n * frameMs`. The origin is the time at which audio came to an
 * empty, silent line. It moves only when a wake-up is so late that the burst would be too long. The
 * pacer assumes a far end that plays frames as they come, one after the other. A last piece shorter
 * than a frame waits one frame's length for more, then goes out padded with silence.
 *
 * All times are milliseconds of one monotonic clock, such as `performance.now()`. Round waiting
 * times up: `due` returns nothing new before `nextMs`. Do not change given PCM until it has been
 * sent.
 */
export class Pacer {
  readonly #sampleRate: number;
  readonly #frameMs: number;
  readonly #frameBytes: number;
  readonly #maxBurst: number;

  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #firstPiece = 0;
  #offset = 0;
  #given = 0;
  #taken = 0;

  #originMs = 0;
  #framesSinceOrigin = 0;
  #lastGivenMs = 0;
  #heardMs: number | undefined;
  #marks: Mark[] = [];
  #placed: PlacedMark[] = [];

  /**
   * @throws {RangeError} unless a frame is a whole number of samples and `maxBurst` is at least 1
   */
  constructor({ sampleRate = 8000, frameMs = 20, maxBurst = 5 }: PacerSettings = {}) {
    if (!Number.isSafeInteger(maxBurst) || maxBurst < 1) {
      throw new RangeError(`maxBurst is ${maxBurst}: it must be at least 1 frame`);
    }
    this.#sampleRate = sampleRate;
    this.#frameMs = frameMs;
    this.#frameBytes = frameBytes(frameMs, sampleRate);
    this.#maxBurst = maxBurst;
  }

  /** Queued audio, in milliseconds. */
  get queuedMs(): number {
    return durationMs(this.#given - this.#taken, this.#sampleRate);
  }

  /** Adds PCM to the end of the queue. Takes any number of bytes: pieces may split samples. */
  give(pcm: Uint8Array<ArrayBuffer>, nowMs: number): void {
    if (pcm.length === 0) return;
    const silent = this.#heardMs === undefined || nowMs >= this.#heardMs;
    if (this.#given === this.#taken && silent) {
      this.#originMs = nowMs;
      this.#framesSinceOrigin = 0;
    }
    this.#lastGivenMs = nowMs;
    this.#given += pcm.length;
    this.#pieces.push(pcm);
  }

  /** Adds a mark that becomes due when all audio given so far has been heard. */
  mark(name: string): void {
    if (this.#given > this.#taken) this.#marks.push({ name, position: this.#given });
    else this.#placed.push({ name, heardAtMs: this.#heardMs ?? -Infinity });
  }

  /** The frames to send by `nowMs`, the marks heard by then, and when to ask again. */
  due(nowMs: number): Due {
    const frames: Uint8Array<ArrayBuffer>[] = [];
    while (this.#given > this.#taken && nowMs >= this.#readyMs()) {
      if (frames.length === this.#maxBurst) {
        this.#shift(nowMs);
        break;
      }
      frames.push(this.#send(nowMs));
    }
    const marks: string[] = [];
    while (this.#placed.length > 0 && this.#placed[0]!.heardAtMs <= nowMs) {
      marks.push(this.#placed.shift()!.name);
    }
    return { frames, marks, nextMs: this.#nextMs() };
  }

  /** An interruption: drops all unheard audio here; the far end drops its own. */
  clear(nowMs: number): void {
    this.#pieces = [];
    this.#firstPiece = this.#offset = 0;
    this.#taken = this.#given;
    if (this.#heardMs !== undefined) this.#heardMs = Math.min(this.#heardMs, nowMs);
    this.#marks = [];
    this.#placed = [];
  }

  #deadlineMs(): number {
    return this.#originMs + this.#framesSinceOrigin * this.#frameMs;
  }

  /** When the next frame goes out: a full one at its deadline, a partial one after its wait. */
  #readyMs(): number {
    const deadlineMs = this.#deadlineMs();
    if (this.#given - this.#taken >= this.#frameBytes) return deadlineMs;
    return Math.max(deadlineMs, this.#lastGivenMs + this.#frameMs);
  }

  #nextMs(): number | undefined {
    const markMs = this.#placed[0]?.heardAtMs;
    if (this.#given === this.#taken) return markMs;
    const readyMs = this.#readyMs();
    return markMs === undefined ? readyMs : Math.min(markMs, readyMs);
  }

  /** Moves the origin by whole frames, so that the next frame is due after `nowMs`. */
  #shift(nowMs: number): void {
    const lateMs = nowMs - this.#deadlineMs();
    const byMs = (Math.floor(lateMs / this.#frameMs) + 1) * this.#frameMs;
    this.#originMs += byMs;
  }

  #send(nowMs: number): Uint8Array<ArrayBuffer> {
    const startMs = Math.max(this.#heardMs ?? nowMs, nowMs);
    const start = this.#taken;
    const frame = this.#cut();
    this.#framesSinceOrigin++;
    this.#heardMs = startMs + this.#frameMs;
    while (this.#marks.length > 0 && this.#marks[0]!.position <= this.#taken) {
      const { name, position } = this.#marks.shift()!;
      const heardAtMs = startMs + durationMs(position - start, this.#sampleRate);
      this.#placed.push({ name, heardAtMs });
    }
    return frame;
  }

  /** Takes a frame from the queue: a view when one piece contains it, a copy otherwise. */
  #cut(): Uint8Array<ArrayBuffer> {
    const size = this.#frameBytes;
    const piece = this.#pieces[this.#firstPiece]!;
    if (piece.length - this.#offset >= size) {
      const frame = piece.subarray(this.#offset, this.#offset + size);
      this.#take(size);
      return frame;
    }
    const frame = new Uint8Array(size);
    let filled = 0;
    while (filled < size && this.#given > this.#taken) {
      const piece = this.#pieces[this.#firstPiece]!;
      const bytes = Math.min(size - filled, piece.length - this.#offset);
      frame.set(piece.subarray(this.#offset, this.#offset + bytes), filled);
      filled += bytes;
      this.#take(bytes);
    }
    if (filled % 2 === 1) frame[filled - 1] = 0;
    return frame;
  }

  #take(bytes: number): void {
    this.#taken += bytes;
    this.#offset += bytes;
    if (this.#offset < this.#pieces[this.#firstPiece]!.length) return;
    this.#offset = 0;
    this.#firstPiece++;
    if (this.#firstPiece < this.#pieces.length && this.#firstPiece < 64) return;
    this.#pieces.splice(0, this.#firstPiece);
    this.#firstPiece = 0;
  }
}
