/**
 * Prints timelines, faults, a progress bar for many calls, and a summary.
 * @module
 */
// @ts-types="@types/cli-progress"
import cliProgress from "cli-progress";
import { type Report, summarise, summaryLines } from "./summary.ts";
import { type Entry, type Sink, textLine, WHO_CHARACTERS } from "./timeline.ts";

/** The output and the input of a command. */
export interface Terminal {
  out(line: string): void;
  error(line: string): void;
  /** Whether a person reads the output: only then it has a progress bar. */
  readonly isTerminal: boolean;
  /** The stream of the progress bar; standard error. */
  readonly screen?: cliProgress.Options["stream"];
  readonly stdin: ReadableStream<Uint8Array>;
  /** Aborted when the person interrupts. */
  readonly signal: AbortSignal;
}

/** The options of the output. */
interface ShowOptions {
  readonly json: boolean;
  /** The number of conversations. */
  readonly total: number;
}

/** The output of one command. */
export class Show {
  /** Prints the lines of every timeline. */
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
      if (json) terminal.out(JSON.stringify(entry));
      // The summary says once that no server was reached.
      else if (entry.unreachable) return;
      // Of many calls only the broken rules are readable.
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
      // Each line has only the beginning of the id; `sim watch` and the call log need all of it.
      this.#terminal.out(
        textLine({ atMs, who, direction: "--", what: "the whole id", detail: who }),
      );
    }
    this.#named = true;
    this.#terminal.out(textLine(entry));
  }

  /** Adds the report of an ended conversation. */
  add(report: Report): void {
    this.#reports.push(report);
    const faulty = this.#reports.filter(({ faults }) => faults.length > 0).length;
    this.#bar?.update(this.#reports.length, { faulty });
  }

  /** Prints the summary and returns the exit code: 1 when a rule was broken. */
  finish(): number {
    this.#bar?.stop();
    const summary = summarise(this.#reports);
    const unreachable = this.#reports.find((report) => report.unreachable)?.unreachable;
    const noneConnected = this.#reports.every((report) => report.unreachable !== undefined);
    if (this.#json) this.#terminal.out(JSON.stringify({ summary }));
    else {
      if (unreachable !== undefined) this.#terminal.error(unreachable);
      if (unreachable !== undefined && noneConnected) return 1;
      this.#terminal.out("");
      const [only] = this.#reports.length === 1 ? this.#reports : [];
      const facts = Object.entries(only?.facts ?? {}).map(([name, value]) => `${name} ${value}`);
      if (facts.length > 0) this.#terminal.out(`this one       ${facts.join(", ")}`);
      for (const line of summaryLines(summary)) this.#terminal.out(line);
    }
    return summary.withFaults > 0 ? 1 : 0;
  }
}
