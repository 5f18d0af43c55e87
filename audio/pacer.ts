/**
 * Paces audio in real time: takes PCM in pieces of any size and says which 20 ms frames are to be
 * sent by now. Has no clock or timer: whoever owns one asks `due`, and again when it says.
 * @module
 */
import { durationMs, frameBytes } from "./pcm.ts";

/** How a pacer cuts and catches up. */
export interface PacerSettings {
  /** Samples a second of the mono PCM that is given; 8000. */
  readonly sampleRate?: number;
  /** How long a frame is, in milliseconds; 20. */
  readonly frameMs?: number;
  /** How many frames may go out at once after a late wake-up; 5. What is later still is shifted. */
  readonly maxBurst?: number;
}

/** What is due at one moment. */
export interface Due {
  /** The frames to send now, in order, all of the same size: views of what was given, or copies. */
  readonly frames: readonly Uint8Array<ArrayBuffer>[];
  /** The marks that have come due: all audio before them has been heard. */
  readonly marks: readonly string[];
  /** When to ask again, unless more is given before; undefined where nothing is waiting. */
  readonly nextMs: number | undefined;
}

/** What an interruption threw away. */
export interface Cleared {
  /** How much of the audio was not heard, in milliseconds. */
  readonly droppedMs: number;
  /** The marks that will not come due any more, in order. */
  readonly marks: readonly string[];
}

interface Mark {
  readonly name: string;
  /** Where it stands: the bytes given before it. */
  readonly position: number;
}

interface PlacedMark {
  readonly name: string;
  readonly heardAtMs: number;
}

/**
 * A queue of mono 16-bit PCM that is sent in real time.
 *
 * Frame `n` is due at `origin + n * frameMs`; the origin is when audio was given to an empty, silent
 * line, and moves only when a wake-up comes so late that the burst would be too long. What has been
 * heard follows from a far end that plays frames as they come, one after the other. A last piece
 * shorter than a frame waits one frame's length for more, then goes out filled up with silence.
 *
 * All times are milliseconds of one monotonic clock, such as `performance.now()`. Round waiting times
 * up: a question asked before `nextMs` has no new answer. What was given must not be changed until
 * it has been sent.
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
  #shiftedMs = 0;
  #marks: Mark[] = [];
  #placed: PlacedMark[] = [];

  /** Throws a RangeError where a frame is not a whole number of samples, or no burst is allowed. */
  constructor({ sampleRate = 8000, frameMs = 20, maxBurst = 5 }: PacerSettings = {}) {
    if (!Number.isSafeInteger(maxBurst) || maxBurst < 1) {
      throw new RangeError("maxBurst is at least one frame");
    }
    this.#sampleRate = sampleRate;
    this.#frameMs = frameMs;
    this.#frameBytes = frameBytes(frameMs, sampleRate);
    this.#maxBurst = maxBurst;
  }

  /** How much audio waits to be sent, in milliseconds. */
  get queuedMs(): number {
    return durationMs(this.#given - this.#taken, this.#sampleRate);
  }

  /** By how much late wake-ups have moved the audio, in milliseconds, since the beginning. */
  get shiftedMs(): number {
    return this.#shiftedMs;
  }

  /** When all that was given will have been heard, as it stands; undefined where nothing ever was. */
  get heardAtMs(): number | undefined {
    const frames = Math.ceil((this.#given - this.#taken) / this.#frameBytes);
    if (frames === 0) return this.#heardMs;
    return Math.max(this.#heardMs ?? 0, this.#deadlineMs()) + frames * this.#frameMs;
  }

  /** Adds PCM to the end of the queue. Any number of bytes: a sample may be cut in two. */
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

  /** Sets a mark behind what has been given: it comes due when all of that has been heard. */
  mark(name: string): void {
    if (this.#given > this.#taken) this.#marks.push({ name, position: this.#given });
    else this.#placed.push({ name, heardAtMs: this.#heardMs ?? -Infinity });
  }

  /** Says what is to be sent by `nowMs`, what has been heard, and when to ask again. */
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

  /** An interruption: drops all that was not heard, here and (the far end does that) there. */
  clear(nowMs: number): Cleared {
    const unheardMs = Math.max(0, (this.#heardMs ?? nowMs) - nowMs);
    const droppedMs = this.queuedMs + unheardMs;
    const marks = [...this.#placed, ...this.#marks].map(({ name }) => name);
    this.#pieces = [];
    this.#firstPiece = this.#offset = 0;
    this.#taken = this.#given;
    if (this.#heardMs !== undefined) this.#heardMs -= unheardMs;
    this.#marks = [];
    this.#placed = [];
    return { droppedMs, marks };
  }

  #deadlineMs(): number {
    return this.#originMs + this.#framesSinceOrigin * this.#frameMs;
  }

  /** When the next frame goes out: a full one at its deadline, a piece of one not before its wait. */
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

  /** Moves the origin by whole frames, so that the next frame is due after now. */
  #shift(nowMs: number): void {
    const lateMs = nowMs - this.#deadlineMs();
    const byMs = (Math.floor(lateMs / this.#frameMs) + 1) * this.#frameMs;
    this.#originMs += byMs;
    this.#shiftedMs += byMs;
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

  /** Takes a frame from the queue: a view where one piece holds it, else a copy. */
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
