/**
 * Counts the audio of a simulated jambonz call over all its sockets.
 * @module
 */
import { BargeIn } from "./barge_in.ts";
import { Echoes } from "./echoes.ts";
import { type Report, totalFrames } from "../output/summary.ts";

/** The marks of an application. */
interface MarkCounts {
  readonly asked: number;
  /** Reported as played. */
  readonly played: number;
  /** Reported as cleared. */
  readonly cleared: number;
}

/** The audio of a call. */
export interface HeardAudio {
  /** How many sockets were opened. */
  readonly sockets: number;
  /** How much audio of the application the caller heard, in simulated milliseconds. */
  readonly heardMs: number;
  readonly marks: MarkCounts;
}

/** The counters of one call. */
export class AudioTally {
  /** In simulated time. */
  readonly bargeIn = new BargeIn();
  readonly marks = { asked: 0, played: 0, cleared: 0 };
  heardMs = 0;
  readonly #echoes: Echoes[] = [];

  /** Adds a socket and returns the counter of its echoes. */
  addSocket(): Echoes {
    const echoes = new Echoes();
    this.#echoes.push(echoes);
    return echoes;
  }

  /** The counts for a report; empty without audio. */
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
