/**
 * What an app plays on a line whose audio passes through us. Playback owns each piece, of memory or of
 * a file, from `play` until it was heard or dropped; the classes of the lines pace it.
 * @module
 */
import { durationMs } from "../audio/pcm.ts";
import type { AudioData, PlayEnd } from "../calls/app.ts";
import { audioName, pcmOfBytes, readRecording } from "./playable.ts";

/** An app may play forever, so what waits is bounded. */
const WAITING_MS = 10 * 60 * 1000;
const SAMPLE_RATE = 8000;

/** Hears what happens to the pieces. */
export interface PlaybackListener {
  /** There is something to send: the session must ask what is due. */
  wake(): void;
  /** A piece was heard to its end. */
  played(name: string): void;
  /** A file cannot be played. The app may not await it, so this is the only sure report. */
  cannotPlay(name: string, error: Error): void;
}

interface Piece {
  readonly name: string;
  readonly ms: number;
  readonly resolve: (end: PlayEnd) => void;
}

/** The pieces of one call, in their order. */
export abstract class Playback {
  readonly #listener: PlaybackListener;
  /** Pieces that have not been heard, by their marks. */
  readonly #pieces = new Map<string, Piece>();
  #marks = 0;
  #waitingMs = 0;
  /** Files that are being read: what is played after them waits for them. */
  #reading: Promise<void> | undefined;
  /** A file that was being read when this changed is not played. */
  #drops = 0;
  /** Whether the far end must drop its buffer before it gets anything new. */
  #interrupts = false;
  #whenSilent: (() => void)[] = [];

  constructor(listener: PlaybackListener) {
    this.#listener = listener;
  }

  /** Whether all pieces that were read have been heard. */
  get idle(): boolean {
    return this.#pieces.size === 0;
  }

  /** Whether nothing waits to be heard or read. */
  get isSilent(): boolean {
    return this.idle && this.#reading === undefined;
  }

  /** The length of everything unheard, in milliseconds. */
  get waitingMs(): number {
    return this.#waitingMs;
  }

  /** Resolves when every file so far is read. */
  get read(): Promise<void> {
    return this.#reading ?? Promise.resolve();
  }

  /** Calls this once, when nothing waits to be heard. */
  whenSilent(then: () => void): void {
    if (this.isSilent) then();
    else this.#whenSilent.push(then);
  }

  /** Plays PCM, a WAV file as bytes, or a file, behind what waits. */
  play(audio: AudioData | string | URL, name?: string): Promise<PlayEnd> {
    if (!(audio instanceof Uint8Array)) {
      return this.#playLater(readRecording(audio), name ?? audioName(audio));
    }
    const pcm = pcmOfBytes(audio);
    return this.#reading === undefined
      ? this.#give(pcm, name ?? "audio")
      : this.#playLater(Promise.resolve(pcm), name ?? "audio");
  }

  /** Drops unheard audio, here and at the far end. */
  interrupt(): void {
    this.drop();
    this.#interrupts = true;
    this.#listener.wake();
  }

  /** Drops unheard audio here. The far end keeps its buffer, or is gone. */
  drop(): void {
    this.#drops++;
    this.#interrupts = false;
    this.unqueue();
    for (const mark of [...this.#pieces.keys()]) this.settle(mark, "dropped");
  }

  /** Queues audio; its mark is settled when it was heard. */
  protected abstract queue(pcm: AudioData, mark: string): void;
  /** Empties the queue. */
  protected abstract unqueue(): void;

  /** There is something to send. */
  protected wake(): void {
    this.#listener.wake();
  }

  /** Whether the far end must drop its buffer; true once for each interruption. */
  protected takeInterruption(): boolean {
    const interrupts = this.#interrupts;
    this.#interrupts = false;
    return interrupts;
  }

  /** Settles the piece with this mark. */
  protected settle(mark: string, end: PlayEnd): void {
    const piece = this.#pieces.get(mark);
    if (piece === undefined) return;
    this.#pieces.delete(mark);
    this.#waitingMs -= piece.ms;
    piece.resolve(end);
    if (end === "heard") this.#listener.played(piece.name);
    this.#tellSilence();
  }

  #playLater(audio: Promise<AudioData>, name: string): Promise<PlayEnd> {
    const drops = this.#drops;
    // A failed read is reported when its turn comes.
    audio.catch(() => {});
    const given = this.read.then(() => audio).then((pcm) => ({
      end: drops === this.#drops ? this.#give(pcm, name) : Promise.resolve<PlayEnd>("dropped"),
    }));
    const end = given.then(({ end }) => end);
    const reading = given.then(() => {}, (error: Error) => {
      end.catch(() => {});
      this.#listener.cannotPlay(name, error);
    }).then(() => {
      if (this.#reading !== reading) return;
      this.#reading = undefined;
      this.#tellSilence();
    });
    this.#reading = reading;
    return end;
  }

  /** @throws {RangeError} when more than ten minutes would wait */
  #give(pcm: AudioData, name: string): Promise<PlayEnd> {
    const ms = durationMs(pcm.length, SAMPLE_RATE);
    if (this.#waitingMs + ms > WAITING_MS) {
      throw new RangeError(`Cannot play ${name}: more than ${WAITING_MS} ms would wait`);
    }
    this.#waitingMs += ms;
    const mark = String(++this.#marks);
    const { promise, resolve } = Promise.withResolvers<PlayEnd>();
    this.#pieces.set(mark, { name, ms, resolve });
    this.queue(pcm, mark);
    return pcm.length === 0 ? promise.then(inNextTurn) : promise;
  }

  #tellSilence(): void {
    if (this.isSilent) { for (const then of this.#whenSilent.splice(0)) then(); }
  }
}

/**
 * Resolves in a later turn of the event loop: an app that plays empty audio in a loop would
 * otherwise block the server's thread.
 */
function inNextTurn<Value>(value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(resolve, 0, value));
}
