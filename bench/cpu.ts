/**
 * CPU time and memory of a process as the operating system counts them. Unlike wall-clock time they
 * do not depend on the other programs of the machine.
 * @module
 */

const CLOCK_TICKS_PER_SECOND = 100;
/** Indexes after the process name: utime and stime are fields 14 and 15 of the line (proc(5)). */
const UTIME = 11;
const STIME = 12;

/** The CPU time of all threads of a process so far, in microseconds. */
export function cpuMicros(pid: number): number {
  try {
    return threadsMicros(pid);
  } catch {
    return ticksMicros(pid);
  }
}

/** From `schedstat`, which counts nanoseconds for each thread. */
function threadsMicros(pid: number): number {
  let nanos = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    nanos += Number(readFields(`/proc/${pid}/task/${name}/schedstat`)[0]);
  }
  if (!(nanos > 0)) throw new Error("This kernel has no schedstat");
  return nanos / 1000;
}

/** From `stat`, which counts hundredths of a second. */
function ticksMicros(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[UTIME]) + Number(fields[STIME])) * 1e6 / CLOCK_TICKS_PER_SECOND;
}

/** The resident memory of a process, in bytes. */
export function rssBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
  return Number(line?.[1]) * 1024;
}

/** The machine in one line: processor, cores, kernel, Deno. */
export function machine(): string {
  const info = Deno.readTextFileSync("/proc/cpuinfo");
  const model = /^model name\s*:\s*(.+)$/m.exec(info)?.[1] ?? "unknown processor";
  const cores = `${navigator.hardwareConcurrency} cores`;
  return `${model}, ${cores}, Linux ${Deno.osRelease()}, Deno ${Deno.version.deno}`;
}

function readFields(path: string): string[] {
  return Deno.readTextFileSync(path).trim().split(" ");
}
