/**
 * The marks of a jambonz server, with its quirks: it stores names in three lists, and the audio
 * contains only the place of a mark, not its name.
 *
 * When audio is killed, the server sets the names with a place in the audio aside, since their
 * places may still come. Places in the playout buffer never come: the next reached marks are taken
 * for them, and the server reports nothing. From `mod_audio_fork`, `dub_speech_frame()`.
 * @module
 */
import { MARKS_PENDING } from "../../protocols/jambonz_audio/messages.ts";

/** The names of requested marks. */
export class PendingMarks {
  /** Without audio after them. */
  #waiting: string[] = [];
  /** With a place in the audio. */
  #placed: string[] = [];
  /** Cleared, but perhaps with a place in the audio. */
  #cleared: string[] = [];

  /** How many are pending: at most thirty. */
  get count(): number {
    return this.#waiting.length + this.#placed.length;
  }

  /** Whether any mark may have a place in the audio. */
  get inAudio(): boolean {
    return this.#placed.length + this.#cleared.length > 0;
  }

  /** Whether a mark of this name is pending. */
  has(name: string): boolean {
    return this.#waiting.includes(name) || this.#placed.includes(name);
  }

  /** Adds a mark; ignores it and returns false when too many are pending. */
  add(name: string): boolean {
    if (this.count >= MARKS_PENDING) return false;
    this.#waiting.push(name);
    return true;
  }

  /** Audio arrived: waiting marks get a place before it. Returns how many. */
  place(): number {
    const count = this.#waiting.length;
    this.#placed.push(...this.#waiting);
    this.#waiting = [];
    return count;
  }

  /** Playout reached a place: the name to report, if any. */
  reach(): string | undefined {
    if (this.#cleared.length > 0) {
      this.#cleared.shift();
      return undefined;
    }
    return this.#placed.shift();
  }

  /** The next pending name, when there is no audio to play. */
  takeWaiting(): string | undefined {
    return this.#waiting.shift();
  }

  /** The audio is dropped: the names to report as cleared. */
  kill(): readonly string[] {
    const names = [...this.#placed, ...this.#waiting];
    this.#cleared.push(...this.#placed);
    this.#placed = [];
    this.#waiting = [];
    return names;
  }

  /** Forgets all without a report; the audio stays. */
  forget(): void {
    this.#cleared.push(...this.#placed, ...this.#waiting);
    this.#placed = [];
    this.#waiting = [];
  }
}
