/**
 * Starts load processes and reads their reports.
 * @module
 */
import { type Child, LOAD_CORE, start } from "./children.ts";
import type {
  BargeInJob,
  BargeInReport,
  EchoJob,
  EchoReport,
  HeardReport,
  Job,
  ListenJob,
  PacedJob,
  PacedReport,
  ReplayedReport,
  ReplayJob,
  SessionsJob,
  SessionsReport,
} from "./load/jobs.ts";

/** The report of each job. */
type Report<J extends Job> = J extends EchoJob ? EchoReport
  : J extends PacedJob ? PacedReport
  : J extends SessionsJob ? SessionsReport
  : J extends ListenJob ? HeardReport
  : J extends ReplayJob ? ReplayedReport
  : J extends BargeInJob ? BargeInReport
  : never;

/** A running load process. */
export class Load<J extends Job> implements AsyncDisposable {
  readonly #child: Child;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  private constructor(job: J) {
    this.#child = start("load/main.ts", [JSON.stringify(job)], { core: LOAD_CORE, piped: true });
    this.#lines = this.#child.process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Starts a load and resolves when all its connections are open. */
  static async open<J extends Job>(job: J): Promise<Load<J>> {
    const load = new Load(job);
    await load.#line();
    return load;
  }

  /** Lets the load begin. */
  async begin(): Promise<void> {
    const writer = this.#child.process.stdin.getWriter();
    await writer.write(new TextEncoder().encode("begin\n"));
    writer.releaseLock();
  }

  /** The next report. Rejects when the process ends before it. */
  async report(): Promise<Report<J>> {
    return JSON.parse(await this.#line());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
    await this.#lines.cancel();
    await this.#child.process.stdin.close().catch(() => {});
  }

  async #line(): Promise<string> {
    while (!this.#rest.includes("\n")) {
      const { done, value } = await this.#lines.read();
      if (done) throw new Error("The load process ended before its report");
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return line;
  }
}

/** Runs a job with one report. */
export async function measure<J extends EchoJob | PacedJob | SessionsJob | BargeInJob>(
  job: J,
): Promise<Report<J>> {
  await using load = await Load.open(job);
  await load.begin();
  return await load.report();
}
