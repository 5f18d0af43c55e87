/**
 * What an app has given to `play` on a line whose audio passes through us: pieces in their order, of
 * memory or of files, until each has been heard or dropped.
 * @module
 */
import { durationMs } from "../audio/pcm.ts";
import type { AudioData, PlayEnd } from "../calls/app.ts";
import { isWav, nameOf, pcmOf, readRecording } from "./playable.ts";
import { inNextTurn } from "./next_turn.ts";
import type { PlayoutListener } from "./inbound/paced_playout.ts";

/** What waits to be heard is bounded, so that an app that plays forever takes no more memory. */
const WAITING_MS = 10 * 60 * 1000;
const SAMPLE_RATE = 8000;

/** What the playback tells the call. */
export interface PlaybackListener {
  /** Audio of 8 kHz, to be paced; its mark comes back. */
  give(pcm: AudioData, mark: string): void;
  /** A piece has been heard to its end. */
  played(name: string): void;
  /** A file that cannot be had: the app may not be waiting for it, then this is all that tells. */
  cannotPlay(name: string, error: Error): void;
}

interface Piece {
  readonly name: string;
  readonly ms: number;
  readonly resolve: (end: PlayEnd) => void;
}

/** The pieces of one call. */
export class Playback implements PlayoutListener {
  readonly #listener: PlaybackListener;
  /** What has been given and not heard yet, by its mark. */
  readonly #pieces = new Map<string, Piece>();
  #marks = 0;
  #waitingMs = 0;
  /** Files that are being read: what is asked behind them comes behind them. */
  #reading: Promise<void> | undefined;
  /** What was being read when it was dropped is not played any more. */
  #drops = 0;
  #whenSilent: (() => void)[] = [];

  constructor(listener: PlaybackListener) {
    this.#listener = listener;
  }

  /** Whether nothing waits to be heard. */
  get isSilent(): boolean {
    return this.#pieces.size === 0 && this.#reading === undefined;
  }

  /** How long what was given will take to be heard, at most. */
  get waitingMs(): number {
    return this.#waitingMs;
  }

  /** Resolves when all that is being read has been given. */
  get read(): Promise<void> {
    return this.#reading ?? Promise.resolve();
  }

  /** Calls this once when nothing waits to be heard any more; at once if that is so. */
  whenSilent(then: () => void): void {
    if (this.isSilent) then();
    else this.#whenSilent.push(then);
  }

  /** Plays PCM, a WAV file as bytes, or a file, behind what waits. */
  play(audio: AudioData | string | URL, name?: string): Promise<PlayEnd> {
    if (!(audio instanceof Uint8Array)) {
      return this.#playLater(readRecording(audio), name ?? nameOf(audio));
    }
    const pcm = isWav(audio) ? pcmOf(audio) : audio;
    return this.#reading === undefined
      ? this.#give(pcm, name ?? "audio")
      : this.#playLater(Promise.resolve(pcm), name ?? "audio");
  }

  /** What is being read will not be played. */
  dropReading(): void {
    this.#drops++;
  }

  /** Nothing will be heard any more. */
  dropAll(): void {
    this.#drops++;
    for (const mark of [...this.#pieces.keys()]) this.dropped(mark);
  }

  heard(mark: string): void {
    this.#settle(mark, "heard");
  }

  dropped(mark: string): void {
    this.#settle(mark, "dropped");
  }

  #playLater(audio: Promise<AudioData>, name: string): Promise<PlayEnd> {
    const drops = this.#drops;
    // That it cannot be read is told in its turn as well.
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

  /** @throws {RangeError} when more would wait than is bearable */
  #give(pcm: AudioData, name: string): Promise<PlayEnd> {
    const ms = durationMs(pcm.length, SAMPLE_RATE);
    if (this.#waitingMs + ms > WAITING_MS) {
      throw new RangeError(`Cannot play ${name}: more than ${WAITING_MS} ms would wait`);
    }
    this.#waitingMs += ms;
    const mark = String(++this.#marks);
    const { promise, resolve } = Promise.withResolvers<PlayEnd>();
    this.#pieces.set(mark, { name, ms, resolve });
    this.#listener.give(pcm, mark);
    // Nothing is heard at once.
    return pcm.length === 0 ? promise.then(inNextTurn) : promise;
  }

  #settle(mark: string, end: PlayEnd): void {
    const piece = this.#pieces.get(mark);
    if (piece === undefined) return;
    this.#pieces.delete(mark);
    this.#waitingMs -= piece.ms;
    piece.resolve(end);
    if (end === "heard") this.#listener.played(piece.name);
    this.#tellSilence();
  }

  #tellSilence(): void {
    if (this.isSilent) { for (const then of this.#whenSilent.splice(0)) then(); }
  }
}
