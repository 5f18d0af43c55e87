/**
 * Where the story is told: prints what each door says, and lets the story wait for a line of it.
 * @module
 */
import type { Direction, Entry, Sink } from "../simulators/output/timeline.ts";
import { wording } from "./wording.ts";

/** What the stage needs of a terminal. */
export interface Terminal {
  out(line: string): void;
  readonly isColoured: boolean;
  /** Given when the person wants it to end. */
  readonly signal: AbortSignal;
}

/** What the story waits for does not come; the message says what. */
export class StoryStopped extends Error {
  override readonly name = "StoryStopped";
}

interface Told {
  readonly who: string;
  readonly entry: Entry;
}

/** Passes the line that is waited for. */
export type Passes = (entry: Entry) => boolean;

const WIDTH = 100;
const NAME_WIDTH = 8;
/** Longer than all attempts of a jambonz server to come back, on a machine that is busy. */
const PATIENCE_MS = 30_000;
const BOLD = 1;
const DIM = 2;
const RED = 31;
/** Everybody has a colour, in the order in which they come on. */
const COLOURS = [36, 33, 32, 35, 34, 96, 93];

/** One telling of the story. */
export class Stage {
  readonly #terminal: Terminal;
  readonly #startMs = performance.now();
  readonly #colours = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  /** The lines of this act. */
  #told: Told[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Given when the person wants it to end; nothing is told any more. */
  get signal(): AbortSignal {
    return this.#terminal.signal;
  }

  /** A new act: what was said before is waited for no more. */
  act(title: string): void {
    this.#told = [];
    this.plain("");
    this.plain(this.#paint(BOLD, title));
  }

  /** A line of the story's own. */
  tell(who: string, direction: Direction, text: string): void {
    const seconds = ((performance.now() - this.#startMs) / 1000).toFixed(2).padStart(5);
    const name = who.padEnd(NAME_WIDTH);
    const plain = `${seconds}  ${name} ${direction} ${text}`;
    if (!this.#terminal.isColoured) return this.plain(cut(plain));
    const rest = cut(plain).slice(`${seconds}  ${name}`.length);
    const said = direction === "!!" ? this.#paint(RED, rest) : rest;
    const painted = this.#paint(this.#colourOf(who), name);
    this.plain(`${this.#paint(DIM, seconds)}  ${painted}${said}`);
  }

  /** A line without a time, as it is. */
  plain(line: string): void {
    if (!this.signal.aborted) this.#terminal.out(line);
  }

  /** Takes the timeline of one simulator; `omits` names what is no news. */
  sink(who: string, omits: Passes = () => false): Sink {
    return (entry) => {
      if (omits(entry)) return;
      this.#told.push({ who, entry });
      const text = wording(entry);
      if (text !== undefined) this.tell(who, entry.direction, text);
      for (const look of [...this.#waiting]) look();
    };
  }

  /**
   * The line of somebody that passes, in this act, said already or to come.
   * @throws {StoryStopped} when it does not come in time, or the person wants it to end
   */
  async until(who: string, what: string, passes: Passes = ofName(what)): Promise<Entry> {
    const { signal } = this;
    const { promise, resolve, reject } = Promise.withResolvers<Entry>();
    const told = this.#told;
    const look = () => {
      const line = told.find((line) => line.who === who && passes(line.entry));
      if (line !== undefined) resolve(line.entry);
    };
    const end = () => reject(new StoryStopped("interrupted"));
    const patience = setTimeout(() => {
      reject(new StoryStopped(`${who} did not come to ${what} within ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
    this.#waiting.add(look);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(patience);
      this.#waiting.delete(look);
      signal.removeEventListener("abort", end);
    }
  }

  /** Time for the story to go on: nothing waits for it. */
  async pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
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

function ofName(name: string): Passes {
  return ({ direction, what }) => `${direction} ${what}` === name;
}

function cut(line: string): string {
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH - 1)}…`;
}
