/** The demo as a person starts it: with the flags of its task, in its own process. */
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { Arrivals, within } from "../support/arrivals.ts";
import { assertInOrder } from "../support/in_order.ts";
import { readLines } from "../support/process.ts";
import { argsOf } from "../support/tasks.ts";

const ROOT = new URL("../../", import.meta.url);
/** A run lasts 22 s. */
const AT_MOST_MS = 150_000;
const COLUMNS = 100;
const SUMS = /^lost: 0 of (\d+) · duplicated: 0$/;

Deno.test("demo runs its story across a SIGKILL, with nothing lost and nothing duplicated", async () => {
  await using demo = new Demo();
  const { code, lines, stderr } = await demo.outcome();
  const text = lines.join("\n");
  assertEquals(code, 0, `${text}\n${stderr}`);
  assertMatch(lines.at(-1)!, SUMS);
  assertGreaterOrEqual(Number(SUMS.exec(lines.at(-1)!)?.[1]), 50);
  assertEquals(lines.filter((line) => line.includes(" !! ") || line.length > COLUMNS), []);

  const killed = /SIGKILL to pid (\d+)/.exec(text)?.[1];
  const again = /pid (\d+) serves on the same ports/.exec(text)?.[1];
  assert(killed !== undefined && again !== undefined, text);
  assertNotEquals(killed, again);
  assertEquals([isRunning(killed), isRunning(again)], [false, false]);
  // Other actors may print lines in between.
  assertInOrder(
    lines,
    /jambonz +-> session:reconnect$/,
    /jambonz +<- ack of session:reconnect: no verbs/,
  );
  // The numbers are for the missed messages.
  for (const who of ["watcher", "buyer", "seller"]) {
    assertMatch(text, new RegExp(`${who} +-- comes back with after=[1-9]`));
  }
});

Deno.test("demo stops on SIGINT with 1, and leaves no server behind", async () => {
  await using demo = new Demo();
  await demo.line(/caller +<- answer/);
  demo.signal("SIGINT");
  const { code, lines, stderr } = await demo.outcome();
  assertEquals(code, 1, stderr);
  assertMatch(stderr, /Stopped; the server has ended/);
  const pid = /pid (\d+) serves/.exec(lines.join("\n"))?.[1];
  assertEquals(isRunning(pid!), false);
});

/** One run of the task's command. */
class Demo implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: Arrivals<string> = new Arrivals();
  readonly #reading: Promise<void>;
  readonly #stderr: Promise<string>;

  constructor() {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", ...argsOf("demo")],
      cwd: ROOT,
      // The demo must ignore these.
      env: { APP: "apps/none.ts", API_KEYS: "secret", PORT: "1", DATABASE_URL: "nonsense" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#reading = readLines(this.#child.stdout, this.#lines);
    this.#stderr = new Response(this.#child.stderr).text();
  }

  /** The first matching line. */
  line(pattern: RegExp): Promise<string> {
    return this.#lines.some((line) => pattern.test(line), String(pattern));
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async outcome() {
    const told = () => `the demo goes on after ${this.#lines.all.join("\n")}`;
    const { code } = await within(this.#child.status, told, AT_MOST_MS);
    await within(this.#reading, () => "somebody else has the demo's stdout open");
    const stderr = await within(this.#stderr, () => "somebody else has the demo's stderr open");
    return { code, lines: this.#lines.all, stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.signal("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.outcome();
  }
}

/** SIGCONT does nothing to a running process, and fails for an ended one. */
function isRunning(pid: string): boolean {
  try {
    Deno.kill(Number(pid), "SIGCONT");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
