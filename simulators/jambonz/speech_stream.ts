/**
 * Streamed speech of a simulated jambonz server: takes tokens while it has room, speaks them in
 * simulated time, and says when it is full and when it has room again.
 * @module
 */
import type { Command } from "../../protocols/jambonz/commands.ts";
import type { Connection } from "./connection.ts";
import type { SimulatedTime } from "../time/simulated_time.ts";
import type { Timeline } from "../output/timeline.ts";

/** How much text may wait, in characters, and from where on there is room again. */
export interface SpeechRoom {
  readonly high: number;
  readonly low: number;
}

/** What a feature server has. */
export const SPEECH_ROOM: SpeechRoom = { high: 1000, low: 200 };

/** How fast text is spoken. */
export const CHARACTERS_PER_SECOND = 15;
/** Text is spoken in pieces, so that room comes back bit by bit. */
const PIECE_CHARACTERS = 60;

type Tokens = Extract<Command, { command: "tts:tokens" }>;

/** The speech stream of one call. */
export class SpeechStream {
  /** All that was spoken, or was to be when it was cleared. */
  spoken = "";
  readonly #line: Pick<Connection, "tell">;
  readonly #time: SimulatedTime;
  readonly #timeline: Timeline;
  readonly #room: SpeechRoom;
  readonly #refused = new Set<number | string>();
  #waiting = "";
  #flushed = 0;
  #open = false;
  #paused = false;
  #speaking: AbortController | undefined;

  constructor(
    line: Pick<Connection, "tell">,
    time: SimulatedTime,
    timeline: Timeline,
    room: SpeechRoom = SPEECH_ROOM,
  ) {
    this.#line = line;
    this.#time = time;
    this.#timeline = timeline;
    this.#room = room;
  }

  /** A verb has switched streaming on. */
  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#event("stream_open");
  }

  /** The call is over, or streaming is switched off. */
  close(): void {
    if (!this.#open) return;
    this.clear();
    this.#open = false;
    this.#event("stream_closed");
  }

  /** Takes tokens, or refuses them. */
  tokens({ data: { id, tokens } }: Tokens): void {
    if (id !== undefined && this.#paused && this.#refused.has(id)) {
      this.#timeline.broke("jambonz.tts-waits", `tokens ${id} again while the stream is paused`);
    }
    const reason = this.#reasonAgainst(tokens);
    if (reason === "full" && !this.#paused) {
      this.#paused = true;
      this.#event("stream_paused");
      // Whatever fills the room is spoken without a flush: it would never become free.
      this.flush();
    }
    if (id !== undefined) {
      if (reason === undefined) this.#line.tell("tts:tokens-result", { id, status: "ok" });
      else {
        this.#refused.add(id);
        this.#line.tell("tts:tokens-result", { id, status: "failed", reason });
      }
    }
    if (reason === undefined) this.#waiting += tokens;
  }

  /** What has come is to be spoken. */
  flush(): void {
    this.#flushed = this.#waiting.length;
    if (this.#speaking === undefined) this.#speak();
  }

  /** What waits is forgotten. */
  clear(): void {
    this.#waiting = "";
    this.#flushed = 0;
    this.#speaking?.abort();
    // A feature server says nothing of the room that this makes.
    this.#paused = false;
    this.#refused.clear();
  }

  /** The caller speaks into it. */
  interrupt(): void {
    if (!this.#open) return this.#timeline.note("nothing is streamed that could be interrupted");
    this.#event("user_interruption");
    this.clear();
  }

  #reasonAgainst(tokens: string): string | undefined {
    if (!this.#open) return "stream not open";
    if (tokens === "") return "missing tokens";
    // What is longer than the whole room never fits, and no room becomes free by waiting.
    return this.#waiting.length + tokens.length > this.#room.high ? "full" : undefined;
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
    if (!this.#paused || this.#waiting.length > this.#room.low) return;
    this.#paused = false;
    this.#refused.clear();
    this.#event("stream_resumed");
  }

  #event(event_type: string): void {
    this.#line.tell("tts:streaming-event", { event_type });
  }
}
