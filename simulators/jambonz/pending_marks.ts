/**
 * The marks of a jambonz server, with its own quirks: names wait in three lists, and the audio says
 * only that there is a mark, not which.
 *
 * When audio is killed, the names of marks that had a place in it are put aside, since their places
 * may still come. Those in the playout buffer never do: the next marks that are reached are taken
 * for them, and nothing is told. Read in `mod_audio_fork`, `dub_speech_frame()`.
 * @module
 */
import { MARKS_PENDING } from "../../protocols/jambonz_audio/messages.ts";

/** The names of marks that were asked for. */
export class PendingMarks {
  /** No audio has come since. */
  #waiting: string[] = [];
  /** Their places are in the audio. */
  #placed: string[] = [];
  /** They were cleared, but their places may still be in the audio. */
  #cleared: string[] = [];

  /** How many are pending: no more than thirty ever are. */
  get count(): number {
    return this.#waiting.length + this.#placed.length;
  }

  /** Whether a place that is reached means anything. */
  get inAudio(): boolean {
    return this.#placed.length + this.#cleared.length > 0;
  }

  /** Whether a mark of this name is pending. */
  has(name: string): boolean {
    return this.#waiting.includes(name) || this.#placed.includes(name);
  }

  /** One more; false, and forgotten, where too many are pending. */
  add(name: string): boolean {
    if (this.count >= MARKS_PENDING) return false;
    this.#waiting.push(name);
    return true;
  }

  /** Audio has come: those that waited get a place in front of it. Says how many they are. */
  place(): number {
    const count = this.#waiting.length;
    this.#placed.push(...this.#waiting);
    this.#waiting = [];
    return count;
  }

  /** Playout has come to a place: the name to tell, if any. */
  reach(): string | undefined {
    if (this.#cleared.length > 0) {
      this.#cleared.shift();
      return undefined;
    }
    return this.#placed.shift();
  }

  /** There is no audio to play: the next name that waits for some. */
  takeWaiting(): string | undefined {
    return this.#waiting.shift();
  }

  /** The audio is dropped: the names to tell as cleared. */
  kill(): readonly string[] {
    const names = [...this.#placed, ...this.#waiting];
    this.#cleared.push(...this.#placed);
    this.#placed = [];
    this.#waiting = [];
    return names;
  }

  /** All are forgotten, and nothing is told; the audio stays. */
  forget(): void {
    this.#cleared.push(...this.#placed, ...this.#waiting);
    this.#placed = [];
    this.#waiting = [];
  }
}
