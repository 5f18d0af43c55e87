/**
 * The timeline of a conversation: one line for each event, and the broken rules.
 * @module
 */
import { type Fault, HABITS, type RuleName, RULES } from "../rules.ts";
import { type Refusals, refused, unreachable } from "./connection_ends.ts";

/**
 * `->` to the server, `<-` from the server, `--` only on the simulator's side, `!!` a broken rule.
 */
export type Direction = "->" | "<-" | "--" | "!!";

/** One line of a timeline. */
export interface Entry {
  /** Milliseconds since the simulator started. */
  readonly atMs: number;
  /** The session id, the call_sid, the watcher or the client. */
  readonly who: string;
  readonly direction: Direction;
  readonly what: string;
  readonly detail?: unknown;
  /** Of a broken rule only. */
  readonly rule?: RuleName;
  /** Only when no server was reached. */
  readonly unreachable?: true;
}

/** Called with each line. */
export type Sink = (entry: Entry) => void;

/** The timeline of one conversation. */
export class Timeline {
  readonly faults: Fault[] = [];
  /** Why no server was reached, in words for a person; undefined when one was. */
  unreachable: string | undefined;
  /** Whether habits count as rules: only for a server that says that it is Tipring. */
  checksHabits = false;
  readonly #who: string;
  readonly #sink: Sink;
  readonly #startMs = performance.now();

  constructor(who: string, sink: Sink = () => {}) {
    this.#who = who;
    this.#sink = sink;
  }

  /** Milliseconds since the start. */
  get nowMs(): number {
    return performance.now() - this.#startMs;
  }

  /** Adds a message to the server. */
  sent(what: string, detail?: unknown): void {
    this.#write({ direction: "->", what, detail });
  }

  /** Adds a message from the server. */
  received(what: string, detail?: unknown): void {
    this.#write({ direction: "<-", what, detail });
  }

  /** Adds an event on the simulator's side. */
  note(what: string, detail?: unknown): void {
    this.#write({ direction: "--", what, detail });
  }

  /** Adds a broken rule; ignores habits when they do not count. */
  broke(rule: RuleName, detail: string): void {
    if (HABITS.has(rule) && !this.checksHabits) return;
    this.faults.push({ rule, detail });
    this.#write({ direction: "!!", what: RULES[rule], detail, rule });
  }

  /** Adds a failed connection: the server refused it, or none is at this URL. */
  cannotConnect(url: string, error: Error, refusals: Refusals = {}): void {
    this.unreachable = unreachable(url, error) ?? refused(error, refusals);
    if (this.unreachable === undefined) return this.broke("connects", error.message);
    this.faults.push({ rule: "connects", detail: this.unreachable });
    this.#write({ direction: "!!", what: this.unreachable, rule: "connects", unreachable: true });
  }

  #write(line: Omit<Entry, "atMs" | "who">): void {
    this.#sink({ atMs: Math.round(this.nowMs * 10) / 10, who: this.#who, ...line });
  }
}

/** How many characters of `who` each line for a person has. */
export const WHO_CHARACTERS = 12;

/** One line for a person. */
export function textLine({ atMs, who, direction, what, detail, rule }: Entry): string {
  const time = (atMs / 1000).toFixed(3).padStart(8);
  const whose = who.slice(0, WHO_CHARACTERS).padEnd(WHO_CHARACTERS);
  const text = typeof detail === "string" ? detail : JSON.stringify(detail);
  const line = `${time}  ${whose} ${direction}`;
  // Separates the demand of the rule from what happened.
  if (rule !== undefined) return `${line} broken: ${rule}: ${what}, but: ${text}`;
  return `${line} ${what}${text === undefined ? "" : `  ${text}`}`;
}
