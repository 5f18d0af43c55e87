/**
 * The load process: does the one job in its argument. It prints `ready` when all connections are
 * open, begins at a line on standard input, prints its reports as lines of JSON, and exits.
 * @module
 */
import { runBargeIn } from "./barge_in.ts";
import { runEcho } from "./echo.ts";
import type { Job } from "./jobs.ts";
import { runIdle, runListen } from "./listen.ts";
import { runPaced } from "./paced.ts";
import { runReplay } from "./replay.ts";
import { runSessions } from "./sessions.ts";

const input = Deno.stdin.readable.getReader();

async function begin(): Promise<void> {
  report("ready");
  if ((await input.read()).done) Deno.exit(1);
}

function report(value: unknown): void {
  console.log(JSON.stringify(value));
}

async function run(job: Job): Promise<void> {
  switch (job.kind) {
    case "echo":
      return report(await runEcho(job, begin));
    case "paced":
      return report(await runPaced(job, begin));
    case "barge-in":
      return report(await runBargeIn(job, begin));
    case "sessions":
      return report(await runSessions(job, begin));
    case "listen":
      return await runListen(job, begin, report);
    case "replay":
      return report(await runReplay(job, begin));
    case "idle":
      return await runIdle(job, begin);
  }
}

if (import.meta.main) {
  await run(JSON.parse(Deno.args[0] ?? ""));
  Deno.exit(0);
}
