/** A listener that ends on its own is reopened, or reported as broken. */
import { assert, assertEquals } from "@std/assert";
import type { Listener } from "../../server/listen/listener.ts";
import { ReopeningListener } from "../../server/reopening_listener.ts";
import { Arrivals, within } from "../support/arrivals.ts";
import { Client } from "../support/client.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answerTo } from "../support/http.ts";
import { QUIET_INBOUND } from "../support/lines.ts";
import { readLines, ROOT } from "../support/process.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { TEST_SETTINGS } from "../support/server.ts";

/** Listeners that end when the test says so. */
async function listeners(refusal?: () => Error | undefined) {
  const opened: { port: number | undefined; end: (error?: Error) => void; over: boolean }[] = [];
  const open = (port: number | undefined): Listener => {
    const error = opened.length === 0 ? undefined : refusal?.();
    if (error !== undefined) throw error;
    const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
    const each = {
      port,
      end: (error?: Error) => error === undefined ? resolve() : reject(error),
      over: false,
    };
    opened.push(each);
    const addr = { transport: "tcp", hostname: "127.0.0.1", port: 4143 } as const;
    return {
      addr,
      finished,
      shutdown: () => Promise.resolve(void (each.over = true)),
    };
  };
  const reports: string[] = [];
  const stopping = new AbortController();
  const report = (message: string) => void reports.push(message);
  const listener = await ReopeningListener.open({ open, stopping: stopping.signal, report });
  return { listener, opened, reports, stopping };
}

const FULL = new Error("Too many open files (os error 24)");
const settle = async () => {
  for (let turns = 0; turns < 5; turns++) await Promise.resolve();
};
/** Lets time pass in steps: a listener that is opened in vain sets the next timer. */
const pass = async (clock: FakeClock, ms: number) => {
  for (let passedMs = 0; passedMs < ms; passedMs += 100) {
    clock.advance(100);
    await settle();
  }
};

for (const how of ["rejects", "resolves"] as const) {
  Deno.test(`ReopeningListener reopens a listener whose end ${how}, on the same port`, async () => {
    using clock = new FakeClock();
    const { listener, opened, reports } = await listeners();
    opened[0]!.end(how === "rejects" ? FULL : undefined);
    await settle();
    await pass(clock, 1000);
    assertEquals(opened.map(({ port }) => port), [undefined, 4143]);
    assertEquals(reports, ["a listener has ended by itself", "a listener is open again"]);
    await listener.shutdown();
    assert(opened.every(({ over }) => over));
    assertEquals(clock.running, 0);
  });
}

Deno.test("ReopeningListener retries while there are too many open files", async () => {
  using clock = new FakeClock();
  let full = true;
  const { listener, opened } = await listeners(() => full ? FULL : undefined);
  opened[0]!.end(FULL);
  await settle();
  await pass(clock, 600_000);
  assertEquals(opened.length, 1);
  full = false;
  await pass(clock, 1000);
  assertEquals(opened.length, 2);
  await listener.shutdown();
});

Deno.test("ReopeningListener is broken when its address is taken permanently", async () => {
  using clock = new FakeClock();
  const { listener, opened, reports } = await listeners(() => new Error("Address already in use"));
  opened[0]!.end(FULL);
  await settle();
  await pass(clock, 60_000);
  await within(listener.broken, () => "it is not broken");
  assertEquals(reports.at(-1), "a listener cannot be opened again");
  assertEquals(clock.running, 0);
});

Deno.test("ReopeningListener reopens nothing when the server stops", async () => {
  using clock = new FakeClock();
  const { opened, stopping, reports } = await listeners();
  stopping.abort();
  opened[0]!.end();
  await settle();
  await pass(clock, 60_000);
  assertEquals([opened.length, reports], [1, []]);
});

Deno.test("process: half requests up to the limit of open files block nobody once they have left", async () => {
  const args = ["-c", `ulimit -n 64; exec ${Deno.execPath()} run -A main.ts`];
  const child = new Deno.Command("sh", {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...TEST_SETTINGS, ...QUIET_INBOUND },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [stdout, stderr] = [new Arrivals<string>(), new Arrivals<string>()];
  const read = Promise.all([readLines(child.stdout, stdout), readLines(child.stderr, stderr)]);
  try {
    const line = await stdout.next((line) => line.startsWith("REST "));
    const port = Number(new URL(line.split(/\s+/)[1]!).port);
    await using call = await Client.open(`ws://127.0.0.1:${port}/`);
    call.send({ event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "s" });
    await call.next({ event: "answer" });
    const half: RawSocket[] = [];
    const ended = (line: string) => line.includes("a listener has ended by itself");
    while (!stderr.all.some(ended) && half.length < 500) {
      const socket = await RawSocket.connect(port).catch(() => undefined);
      if (socket === undefined) break;
      half.push(socket);
      await socket.write("GET /livez HTTP/1.1\r\nhost: x\r\n").catch(() => {});
    }
    await stderr.some(ended);
    // The call continues meanwhile.
    call.send(new Uint8Array(320));
    assertEquals((await call.nextAudio()).length, 320);
    for (const socket of half) socket.leave();
    await stderr.some((line) => line.includes("a listener is open again"));
    const again = async (): Promise<number> => {
      for (;;) {
        const answer = await answerTo(`http://127.0.0.1:${port}/livez`).catch(() => undefined);
        await answer?.body?.cancel();
        if (answer !== undefined) return answer.status;
      }
    };
    assertEquals(await within(again(), () => "the server serves nobody"), 200);
    call.send(new Uint8Array(320));
    assertEquals((await call.nextAudio()).length, 320);
  } finally {
    child.kill("SIGKILL");
    await within(child.status, () => "the process does not die of a SIGKILL");
    await within(read, () => "somebody else has its output open");
  }
});
