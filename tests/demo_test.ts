/** The demo as a person starts it: with the flags of its task, in a process of its own. */
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { argsOf } from "./support/tasks.ts";

const ROOT = new URL("../", import.meta.url);
/** A run takes 22 s. */
const AT_MOST_MS = 150_000;
const COLUMNS = 100;
const SUMS = /^lost: 0 of (\d+) · duplicated: 0$/;

Deno.test("demo tells the story over a SIGKILL, and counts nothing lost and nothing twice", async () => {
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
  assertMatch(text, /jambonz +-> session:reconnect\n.*<- ack of session:reconnect: no verbs/);
  // What each of them had missed is all that the numbers are for.
  for (const who of ["watcher", "buyer", "seller"]) {
    assertMatch(text, new RegExp(`${who} +-- comes back with after=[1-9]`));
  }
});

Deno.test("demo stops at SIGINT with 1, and leaves no server behind", async () => {
  await using demo = new Demo();
  const line = await demo.line(/caller +<- answer/);
  assert(line !== undefined);
  demo.signal("SIGINT");
  const { code, lines, stderr } = await demo.outcome();
  assertEquals(code, 1, stderr);
  assertMatch(stderr, /Stopped; the server is gone/);
  const pid = /pid (\d+) serves/.exec(lines.join("\n"))?.[1];
  assertEquals(isRunning(pid!), false);
});

/** One run of the task's command. */
class Demo implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  readonly #reading: Promise<void>;
  readonly #stderr: Promise<string>;
  readonly #late: ReturnType<typeof setTimeout>;
  #waiting: { readonly pattern: RegExp; resolve(line: string | undefined): void } | undefined;

  constructor() {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", ...argsOf("demo")],
      cwd: ROOT,
      // None of this is the demo's business.
      env: { APP: "apps/none.ts", API_KEYS: "secret", PORT: "1", DATABASE_URL: "nonsense" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#reading = this.#read();
    this.#stderr = new Response(this.#child.stderr).text();
    this.#late = setTimeout(() => this.signal("SIGTERM"), AT_MOST_MS);
  }

  /** The line that matches; undefined when the run ends without it. */
  line(pattern: RegExp): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#waiting = { pattern, resolve };
    for (const line of this.#lines) this.#look(line);
    return promise;
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async outcome() {
    const { code } = await this.#child.status;
    clearTimeout(this.#late);
    await this.#reading;
    return { code, lines: this.#lines, stderr: await this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.signal("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.outcome();
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const complete = (rest + text).split("\n");
      rest = complete.pop()!;
      for (const line of complete) {
        this.#lines.push(line);
        this.#look(line);
      }
    }
    this.#waiting?.resolve(undefined);
  }

  #look(line: string): void {
    if (this.#waiting?.pattern.test(line)) this.#waiting.resolve(line);
  }
}

/** SIGCONT does nothing to a process that runs, and is refused for one that is gone. */
function isRunning(pid: string): boolean {
  try {
    Deno.kill(Number(pid), "SIGCONT");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
