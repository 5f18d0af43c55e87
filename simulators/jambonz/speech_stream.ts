/**
 * Streamed speech of a simulated jambonz server: accepts tokens while it has room, speaks them in
 * simulated time, and reports when it is full and when it has room again.
 * @module
 */
import type { Command } from "../../protocols/jambonz/commands.ts";
import type { Connection } from "./connection.ts";
import type { SimulatedTime } from "../time/simulated_time.ts";
import type { Timeline } from "../output/timeline.ts";

/** How many characters may wait. */
const HIGH_CHARACTERS = 1000;
/** Below this many waiting characters there is room again. */
const LOW_CHARACTERS = 200;
/** The speed of speech, in simulated time. */
export const CHARACTERS_PER_SECOND = 15;
/** Text is spoken in pieces, so that room becomes free bit by bit. */
const PIECE_CHARACTERS = 60;

type Tokens = Extract<Command, { command: "tts:tokens" }>;

/** The speech stream of one call. */
export class SpeechStream {
  /** All spoken text. */
  spoken = "";
  readonly #connection: Connection;
  readonly #time: SimulatedTime;
  readonly #timeline: Timeline;
  readonly #refused = new Set<number | string>();
  #waiting = "";
  #flushed = 0;
  #open = false;
  #paused = false;
  #speaking: AbortController | undefined;

  constructor(connection: Connection, time: SimulatedTime, timeline: Timeline) {
    this.#connection = connection;
    this.#time = time;
    this.#timeline = timeline;
  }

  /** Switches streaming on. */
  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#event("stream_open");
  }

  /** Switches streaming off. */
  close(): void {
    if (!this.#open) return;
    this.clear();
    this.#open = false;
    this.#event("stream_closed");
  }

  /** Accepts or rejects tokens. */
  tokens({ data: { id, tokens } }: Tokens): void {
    if (id !== undefined && this.#paused && this.#refused.has(id)) {
      this.#timeline.broke("jambonz.tts-waits", `tokens ${id} again while the stream is paused`);
    }
    const reason = this.#reasonAgainst(tokens);
    if (reason === "full" && !this.#paused) {
      this.#paused = true;
      this.#event("stream_paused");
      // A full room is spoken without a flush: otherwise it never becomes free.
      this.flush();
    }
    if (id !== undefined) {
      if (reason !== undefined) this.#refused.add(id);
      const status = reason === undefined ? "ok" : "failed";
      this.#connection.notify("tts:tokens-result", { id, status, reason });
    }
    if (reason === undefined) this.#waiting += tokens;
  }

  /** Speaks all waiting text. */
  flush(): void {
    this.#flushed = this.#waiting.length;
    if (this.#speaking === undefined) this.#speak();
  }

  /** Drops all waiting text. */
  clear(): void {
    this.#waiting = "";
    this.#flushed = 0;
    this.#speaking?.abort();
    // A feature server sends no stream_resumed for this room.
    this.#paused = false;
    this.#refused.clear();
  }

  /** The caller interrupts the speech. */
  interrupt(): void {
    if (!this.#open) return this.#timeline.note("no streamed speech to interrupt");
    this.#event("user_interruption");
    this.clear();
  }

  #reasonAgainst(tokens: string): string | undefined {
    if (!this.#open) return "stream not open";
    if (tokens === "") return "missing tokens";
    // Text longer than the whole room never fits.
    return this.#waiting.length + tokens.length > HIGH_CHARACTERS ? "full" : undefined;
  }

  async #speak(): Promise<void> {
    const speaking = this.#speaking = new AbortController();
    while (this.#flushed > 0 && !speaking.signal.aborted) {
      const piece = this.#waiting.slice(0, Math.min(PIECE_CHARACTERS, this.#flushed));
      const heard = await this.#time.sleep(piece.length / CHARACTERS_PER_SECOND, speaking.signal);
      if (!heard) break;
      this.spoken += piece;
      this.#waiting = this.#waiting.slice(piece.length);
      this.#flushed -= piece.length;
      this.#makeRoom();
    }
    this.#speaking = undefined;
    if (this.#flushed > 0) this.#speak();
    else if (!speaking.signal.aborted) {
      this.#timeline.note("streamed speech has been heard", { characters: this.spoken.length });
    }
  }

  #makeRoom(): void {
    if (!this.#paused || this.#waiting.length > LOW_CHARACTERS) return;
    this.#paused = false;
    this.#refused.clear();
    this.#event("stream_resumed");
  }

  #event(event_type: string): void {
    this.#connection.notify("tts:streaming-event", { event_type });
  }
}
