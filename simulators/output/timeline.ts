/**
 * What happened between a simulator and a server, line by line, and which rules were broken.
 * @module
 */
import { type Fault, HABITS, type RuleName, RULES } from "../rules.ts";
import { type Refusals, refused, unreachable } from "./unreachable.ts";

/** `->` to the server, `<-` from it, `--` on our side alone, `!!` a broken rule. */
export type Direction = "->" | "<-" | "--" | "!!";

/** One line of a timeline. */
export interface Entry {
  /** Milliseconds since the simulator began. */
  readonly atMs: number;
  /** Whose line it is: the session id, the call_sid, the watcher, the client. */
  readonly who: string;
  readonly direction: Direction;
  readonly what: string;
  readonly detail?: unknown;
  /** Only of a broken rule. */
  readonly rule?: RuleName;
  /** Only where there is no server that could have kept the rule. */
  readonly unreachable?: true;
}

/** Takes the lines as they are written. */
export type Sink = (entry: Entry) => void;

/** The timeline of one conversation. */
export class Timeline {
  readonly faults: Fault[] = [];
  /** That there is no server, in words for a person; undefined where there is one. */
  unreachable: string | undefined;
  /** Whether the server says that it is Tipring: no other server need have its habits. */
  checksHabits = false;
  readonly #who: string;
  readonly #sink: Sink;
  readonly #startMs = performance.now();

  constructor(who: string, sink: Sink = () => {}) {
    this.#who = who;
    this.#sink = sink;
  }

  /** Milliseconds since it began. */
  get nowMs(): number {
    return performance.now() - this.#startMs;
  }

  /** Something was said to the server. */
  sent(what: string, detail?: unknown): void {
    this.#write({ direction: "->", what, detail });
  }

  /** Something came from the server. */
  received(what: string, detail?: unknown): void {
    this.#write({ direction: "<-", what, detail });
  }

  /** Something happened on our side. */
  note(what: string, detail?: unknown): void {
    this.#write({ direction: "--", what, detail });
  }

  /** The server broke a rule, or did not do what is only a habit of ours. */
  broke(rule: RuleName, detail: string): void {
    if (HABITS.has(rule) && !this.checksHabits) return;
    this.faults.push({ rule, detail });
    this.#write({ direction: "!!", what: RULES[rule], detail, rule });
  }

  /** No socket could be opened: the server refused it, or there is none at this URL. */
  cannotConnect(url: string, error: Error, refusals: Refusals = {}): void {
    this.unreachable = unreachable(url, error) ?? refused(error, refusals);
    if (this.unreachable === undefined) return this.broke("connects", error.message);
    this.faults.push({ rule: "connects", detail: this.unreachable });
    this.#write({ direction: "!!", what: this.unreachable, rule: "connects", unreachable: true });
  }

  #write(line: Omit<Entry, "atMs" | "who">): void {
    const { detail, ...rest } = line;
    this.#sink({
      atMs: Math.round(this.nowMs * 10) / 10,
      who: this.#who,
      ...rest,
      ...(detail === undefined ? {} : { detail }),
    });
  }
}

/** So much of whose line it is stands on each line for a person. */
export const WHO_CHARACTERS = 12;

/** One line for a person. */
export function textLine({ atMs, who, direction, what, detail, rule }: Entry): string {
  const time = (atMs / 1000).toFixed(3).padStart(8);
  const whose = who.slice(0, WHO_CHARACTERS).padEnd(WHO_CHARACTERS);
  const told = typeof detail === "string" ? detail : JSON.stringify(detail);
  const line = `${time}  ${whose} ${direction}`;
  // What a rule demands must not be read as what happened.
  if (rule !== undefined) return `${line} broken: ${rule}: ${what}, but: ${told}`;
  return `${line} ${what}${told === undefined ? "" : `  ${told}`}`;
}

/** One line for a machine: a JSON object. */
export function jsonLine(entry: Entry): string {
  return JSON.stringify(entry);
}
