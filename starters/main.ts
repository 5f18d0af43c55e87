/**
 * Prints the processes that started the task, for `STARTED_BY`. It runs before the task's command:
 * only a program with every permission sees other processes, and a server should not have them all.
 * @module
 */
import { type Process, startersOf } from "./starters.ts";

if (import.meta.main) {
  const lookUp = Deno.build.os === "linux" ? fromProc : fromPs;
  console.log((await startersOf(Deno.ppid, lookUp)).join(","));
}

async function fromProc(pid: number): Promise<Process | undefined> {
  try {
    const [stat, command] = await Promise.all([
      Deno.readTextFile(`/proc/${pid}/stat`),
      Deno.readTextFile(`/proc/${pid}/cmdline`),
    ]);
    // The name in parentheses may contain anything; the state and the parent follow.
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(parent), command: command.replaceAll("\0", " ").trimEnd() };
  } catch {
    return undefined;
  }
}

/** For macOS and the like. Windows has neither `ps` nor SIGTERM. */
async function fromPs(pid: number): Promise<Process | undefined> {
  try {
    const { stdout } = await new Deno.Command("ps", {
      args: ["-o", "ppid=,command=", "-p", String(pid)],
      stderr: "null",
    }).output();
    const found = /^\s*(\d+)\s+(.*)$/s.exec(new TextDecoder().decode(stdout));
    return found === null ? undefined : { parent: Number(found[1]), command: found[2]!.trimEnd() };
  } catch {
    return undefined;
  }
}
