/**
 * Shows what simulators do: a timeline, faults, a progress bar where many calls run, and a summary.
 * @module
 */
// @ts-types="@types/cli-progress"
import cliProgress from "cli-progress";
import { type Report, summarise, summaryLines } from "./summary.ts";
import { type Entry, jsonLine, type Sink, textLine, WHO_CHARACTERS } from "./timeline.ts";

/** Where a command writes, and what it reads. */
export interface Terminal {
  out(line: string): void;
  error(line: string): void;
  /** Whether a person looks: only then is there a progress bar. */
  readonly isTerminal: boolean;
  /** Where the bar is drawn; standard error by default. */
  readonly screen?: cliProgress.Options["stream"];
  readonly stdin: ReadableStream<Uint8Array>;
  /** Given when the person wants it to end. */
  readonly signal: AbortSignal;
}

/** What to show. */
export interface ShowOptions {
  readonly json: boolean;
  /** How many conversations there will be. */
  readonly total: number;
}

/** The face of one command. */
export class Show {
  /** Takes the lines of every timeline. */
  readonly sink: Sink;
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #reports: Report[] = [];
  readonly #bar: cliProgress.SingleBar | undefined;
  #named = false;

  constructor(terminal: Terminal, { json, total }: ShowOptions) {
    this.#terminal = terminal;
    this.#json = json;
    const many = total > 1;
    this.sink = (entry) => {
      if (json) terminal.out(jsonLine(entry));
      // That there is no server is said once, at the end.
      else if (entry.unreachable) return;
      // Nobody reads the timelines of many calls at once: what is wrong stands out alone.
      else if (!many || entry.rule !== undefined) this.#print(entry, many);
    };
    if (!many || json || !terminal.isTerminal) return;
    this.#bar = new cliProgress.SingleBar(
      {
        format: "{bar} {value}/{total} over, {faulty} with faults",
        stopOnComplete: true,
        ...(terminal.screen === undefined ? {} : { stream: terminal.screen }),
      },
      cliProgress.Presets.shades_classic,
    );
    this.#bar.start(total, 0, { faulty: 0 });
  }

  #print(entry: Entry, many: boolean): void {
    const { atMs, who } = entry;
    if (!many && !this.#named && who.length > WHO_CHARACTERS) {
      // Each line has only its beginning; whoever watches the call, or looks it up, needs all of
      // it.
      this.#terminal.out(
        textLine({ atMs, who, direction: "--", what: "the whole id", detail: who }),
      );
    }
    this.#named = true;
    this.#terminal.out(textLine(entry));
  }

  /** One conversation is over. */
  add(report: Report): void {
    this.#reports.push(report);
    const faulty = this.#reports.filter(({ faults }) => faults.length > 0).length;
    this.#bar?.update(this.#reports.length, { faulty });
  }

  /** Writes the summary and returns the exit code: 1 where a rule was broken. */
  finish(): number {
    this.#bar?.stop();
    const summary = summarise(this.#reports);
    const unreachable = this.#reports.find((report) => report.unreachable)?.unreachable;
    const nobodyCame = this.#reports.every((report) => report.unreachable !== undefined);
    if (this.#json) this.#terminal.out(JSON.stringify({ summary }));
    else {
      if (unreachable !== undefined) this.#terminal.error(unreachable);
      if (unreachable !== undefined && nobodyCame) return 1;
      this.#terminal.out("");
      const [only] = this.#reports.length === 1 ? this.#reports : [];
      const facts = Object.entries(only?.facts ?? {}).map(([name, value]) => `${name} ${value}`);
      if (facts.length > 0) this.#terminal.out(`this one       ${facts.join(", ")}`);
      for (const line of summaryLines(summary)) this.#terminal.out(line);
    }
    return summary.withFaults > 0 ? 1 : 0;
  }
}
