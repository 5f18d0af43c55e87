/**
 * What the audio of a simulated jambonz call came to, over all its sockets.
 * @module
 */
import { BargeIn } from "./barge_in.ts";
import { Echoes } from "./echoes.ts";
import { type Report, totalFrames } from "../output/summary.ts";

/** What became of an application's marks. */
export interface MarkCounts {
  readonly asked: number;
  /** Told as played. */
  readonly played: number;
  /** Told as cleared. */
  readonly cleared: number;
}

/** What a call's audio came to. */
export interface HeardAudio {
  /** How many sockets were opened for it. */
  readonly sockets: number;
  /** How much audio of the application the caller has heard, in simulated milliseconds. */
  readonly heardMs: number;
  readonly marks: MarkCounts;
}

/** Counts as it happens. */
export class AudioTally {
  /** In simulated time, as the caller hears it. */
  readonly bargeIn = new BargeIn();
  readonly marks = { asked: 0, played: 0, cleared: 0 };
  heardMs = 0;
  readonly #echoes: Echoes[] = [];
  readonly #lateAfterMs: number | undefined;

  constructor(lateAfterMs?: number) {
    this.#lateAfterMs = lateAfterMs;
  }

  /** A socket has been opened: counts its echoes. */
  addSocket(): Echoes {
    const echoes = new Echoes(this.#lateAfterMs);
    this.#echoes.push(echoes);
    return echoes;
  }

  /** All of it, as a report has it: nothing where there was no audio. */
  get report(): Pick<Report, "frames" | "echoesMs" | "bargeInMs"> & { heardAudio?: HeardAudio } {
    if (this.#echoes.length === 0) return {};
    const heardAudio = {
      sockets: this.#echoes.length,
      heardMs: this.heardMs,
      marks: { ...this.marks },
    };
    return {
      heardAudio,
      frames: totalFrames(this.#echoes.map(({ frames }) => frames)),
      echoesMs: this.#echoes.flatMap(({ roundTripsMs }) => roundTripsMs),
      bargeInMs: this.bargeIn.lastedMs,
    };
  }
}
