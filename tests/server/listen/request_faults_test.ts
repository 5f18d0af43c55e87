import { assert, assertEquals } from "@std/assert";
import { Socket } from "node:net";
import { setImmediate } from "node:timers";
import { listenHardened } from "../../../server/listen/hardened.ts";
import type { Listener } from "../../../server/listen/listener.ts";
import { RequestFaults } from "../../../server/listen/request_faults.ts";
import { Arrivals, within } from "../../support/arrivals.ts";
import { RawSocket } from "../../support/raw_socket.ts";

const LATE = Object.assign(new Error("late"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
const HALF = "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-";

function listen(headersMs: number, closed: () => void = () => {}): Promise<Listener> {
  return listenHardened({
    hostname: "127.0.0.1",
    port: 0,
    headersMs,
    admission: { opened: () => true, closed },
    handler: () => Promise.resolve(new Response("ok")),
  });
}

async function connectTo({ addr }: Listener): Promise<RawSocket> {
  return await RawSocket.connect((addr as Deno.NetAddr).port);
}

Deno.test("listenHardened() ends 200 half requests of one moment in many turns", async () => {
  const turns: number[] = [];
  const closed = new Arrivals<true>();
  let inTurn = 0;
  const listener = await listen(300, () => {
    closed.push(true);
    if (inTurn++ > 0) return;
    setImmediate(() => {
      turns.push(inTurn);
      inTurn = 0;
    });
  });
  const halves = await Promise.all(Array.from({ length: 200 }, () => connectTo(listener)));
  await Promise.all(halves.map((raw) => raw.write(HALF)));
  const statuses = await Promise.all(halves.map(async (raw) => (await raw.answer()).status));
  assertEquals(new Set(statuses), new Set([408]));
  await closed.count(200);
  assert(Math.max(...turns) <= 20, `so many ended in each turn: ${turns}`);
  for (const raw of halves) raw.leave();
  await listener.shutdown();
});

Deno.test("listenHardened() answers a head that is too large with 431, and one that is none with 400", async () => {
  const listener = await listen(10_000);
  for (
    const [bytes, status] of [
      [`GET / HTTP/1.1\r\nhost: a\r\nx: ${"x".repeat(20_000)}\r\n\r\n`, 431],
      ["GET / HTTP/1.1\r\nhost: a\r\nno colon\r\n\r\n", 400],
    ] as const
  ) {
    using raw = await connectTo(listener);
    await raw.write(bytes);
    assertEquals((await raw.answer()).status, status);
    await raw.gone();
  }
  await listener.shutdown();
});

Deno.test("listenHardened() puts no 400 into an answer that has begun", async () => {
  const { promise: open, resolve: opened } = Promise.withResolvers<void>();
  const listener = await listenHardened({
    hostname: "127.0.0.1",
    port: 0,
    headersMs: 10_000,
    admission: { opened: () => true, closed() {} },
    handler: () => {
      opened();
      const endless = new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(9)) });
      return Promise.resolve(new Response(endless));
    },
  });
  using raw = await connectTo(listener);
  await raw.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await within(open, () => "the request did not come");
  assertEquals((await raw.answer()).status, 200);
  await raw.write("no request\r\n\r\n");
  const rest = new TextDecoder().decode(await raw.gone());
  assert(!rest.includes("400"), rest);
  await listener.shutdown();
});

Deno.test("RequestFaults ends late requests in slices, and hears nothing more of them", () => {
  const turns: (() => void)[] = [];
  const faults = new RequestFaults((run) => turns.push(run));
  const sockets = Array.from({ length: 100 }, () => new Socket());
  for (const socket of sockets) {
    socket.on("data", () => {}).on("end", () => {});
    faults.end(LATE, socket);
    // It is found late again, until it is gone.
    faults.end(LATE, socket);
    assertEquals(["data", "end", "error"].map((event) => socket.listenerCount(event)), [0, 0, 1]);
  }
  let ended = 0;
  while (turns.length > 0) {
    assertEquals(turns.length, 1);
    turns.shift()!();
    const now = sockets.filter(({ destroyed }) => destroyed).length;
    assert(now > ended && now - ended <= 4, `${now - ended} ended in one turn`);
    ended = now;
  }
  assertEquals(ended, 100);
});
