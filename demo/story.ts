/**
 * The output of the demo: prints the lines of all actors, and waits for lines.
 * @module
 */
import type { Direction, Entry, Sink } from "../simulators/output/timeline.ts";
import { SimulatedTime } from "../simulators/time/simulated_time.ts";
import { wording } from "./wording.ts";

/** The part of a terminal that the demo needs. */
export interface Terminal {
  out(line: string): void;
  readonly isColoured: boolean;
  /** Aborted when the person interrupts. */
  readonly signal: AbortSignal;
}

/** A line did not arrive; the message names it. */
export class StoryError extends Error {
  override readonly name = "StoryError";
}

interface StoryLine {
  readonly who: string;
  readonly entry: Entry;
}

/** Whether a line is the expected one. */
type LineFilter = (entry: Entry) => boolean;

const WIDTH = 100;
const NAME_WIDTH = 8;
/** Longer than all attempts of a jambonz server to reconnect, on a busy machine. */
const TIMEOUT_MS = 30_000;
const BOLD = 1;
const DIM = 2;
const RED = 31;
/** The colours of the actors, in the order of their first lines. */
const COLOURS = [36, 33, 32, 35, 34, 96, 93];

/** The output of one run. */
export class Story {
  readonly #terminal: Terminal;
  readonly #startMs = performance.now();
  readonly #colours = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  /** The lines of this part. */
  #lines: StoryLine[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Aborted when the person interrupts; no more lines are printed. */
  get signal(): AbortSignal {
    return this.#terminal.signal;
  }

  /** Begins a new part: earlier lines match no more. */
  part(title: string): void {
    this.#lines = [];
    this.plain("");
    this.plain(this.#paint(BOLD, title));
  }

  /** Prints a line. */
  line(who: string, direction: Direction, text: string): void {
    const seconds = ((performance.now() - this.#startMs) / 1000).toFixed(2).padStart(5);
    const name = who.padEnd(NAME_WIDTH);
    const plain = `${seconds}  ${name} ${direction} ${text}`;
    if (!this.#terminal.isColoured) return this.plain(cut(plain));
    const rest = cut(plain).slice(`${seconds}  ${name}`.length);
    const said = direction === "!!" ? this.#paint(RED, rest) : rest;
    const painted = this.#paint(this.#colourOf(who), name);
    this.plain(`${this.#paint(DIM, seconds)}  ${painted}${said}`);
  }

  /** Prints a line without a time. */
  plain(line: string): void {
    if (!this.signal.aborted) this.#terminal.out(line);
  }

  /** Prints the timeline of one simulator, without the lines that `omits`. */
  sink(who: string, omits: LineFilter = () => false): Sink {
    return (entry) => {
      if (omits(entry)) return;
      this.#lines.push({ who, entry });
      const text = wording(entry);
      if (text !== undefined) this.line(who, entry.direction, text);
      for (const look of [...this.#waiting]) look();
    };
  }

  /**
   * Resolves with the first matching line of an actor in this part, past or future.
   * @throws {StoryError} when it does not arrive in time, or the person interrupts
   */
  async waitFor(who: string, what: string, matches: LineFilter = ofName(what)): Promise<Entry> {
    const { signal } = this;
    const { promise, resolve, reject } = Promise.withResolvers<Entry>();
    const lines = this.#lines;
    const look = () => {
      const line = lines.find((line) => line.who === who && matches(line.entry));
      if (line !== undefined) resolve(line.entry);
    };
    const end = () => reject(new StoryError("interrupted"));
    const timer = setTimeout(() => {
      reject(new StoryError(`${who}: no ${what} within ${TIMEOUT_MS} ms`));
    }, TIMEOUT_MS);
    this.#waiting.add(look);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
      signal.removeEventListener("abort", end);
    }
  }

  /** Waits for this many milliseconds, or until the person interrupts. */
  async pause(ms: number): Promise<void> {
    await new SimulatedTime().sleep(ms / 1000, this.signal);
  }

  #colourOf(who: string): number {
    const known = this.#colours.get(who);
    if (known !== undefined) return known;
    const colour = COLOURS[this.#colours.size % COLOURS.length]!;
    this.#colours.set(who, colour);
    return colour;
  }

  #paint(code: number, text: string): string {
    return this.#terminal.isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

function ofName(name: string): LineFilter {
  return ({ direction, what }) => `${direction} ${what}` === name;
}

function cut(line: string): string {
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH - 1)}…`;
}
