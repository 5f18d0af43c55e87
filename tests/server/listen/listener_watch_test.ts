import { assertEquals, fail } from "@std/assert";
import { createServer, Server, type Socket } from "node:net";
import { listenHardened } from "../../../server/listen/hardened.ts";
import { ListenerWatch } from "../../../server/listen/listener_watch.ts";
import { Arrivals, within } from "../../support/arrivals.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { RawSocket } from "../../support/raw_socket.ts";

const QUIET = {
  report: (message: string) => fail(message),
  lost: (error: Error) => fail(String(error)),
};

/** A hardened listener, and the server of `node:net` below it. */
async function hardened(reports: Arrivals<string>) {
  const { promise: below, resolve } = Promise.withResolvers<Server>();
  const { listen } = Server.prototype;
  Server.prototype.listen = function (this: Server, ...args: [handle: unknown]) {
    resolve(this);
    return listen.apply(this, args);
  } as typeof listen;
  try {
    const listener = await listenHardened({
      hostname: "127.0.0.1",
      port: 0,
      handler: () => Promise.resolve(new Response("here")),
      admission: { opened: () => true, closed() {} },
      headersMs: 10_000,
      report: (message) => reports.push(message),
    });
    return { listener, below: await within(below, () => "nothing listens") };
  } finally {
    Server.prototype.listen = listen;
  }
}

/** Lets the watch look, and waits until a server has refused. */
async function lookInVain(clock: FakeClock, server: Server): Promise<void> {
  const { promise: refused, resolve } = Promise.withResolvers<unknown>();
  server.once("error", resolve);
  clock.advance(1000);
  await within(refused, () => "nothing is tried");
}

Deno.test("listenHardened() says that it listens no more when its port is taken while it is closed", async () => {
  using clock = new FakeClock();
  const reports = new Arrivals<string>();
  const { listener, below } = await hardened(reports);
  const { port } = listener.addr as Deno.NetAddr;
  const client = await RawSocket.connect(port);
  below.close();
  using _taken = Deno.listen({ hostname: "127.0.0.1", port });
  let lost: unknown;
  listener.finished.catch((error) => lost = error);
  for (let tries = 0; tries < 3; tries++) {
    assertEquals(lost, undefined);
    await lookInVain(clock, below);
  }
  await Promise.resolve();
  assertEquals((lost as NodeJS.ErrnoException).code, "EADDRINUSE");
  assertEquals(reports.all, ["a listener has ended by itself"]);
  // Who is inside is served until the server stops.
  await client.request("GET", "/", {});
  assertEquals((await client.answer()).body, "here");
  const stopped = listener.shutdown();
  clock.advance(1000);
  await within(stopped, () => "it does not stop");
  client.leave();
  assertEquals(clock.running, 0);
});

Deno.test("listenHardened() tries for as long as there are too many open files, and says when it listens again", async () => {
  using clock = new FakeClock();
  const reports = new Arrivals<string>();
  const { listener, below } = await hardened(reports);
  const { port } = listener.addr as Deno.NetAddr;
  below.close();
  const { listen } = below;
  const full = Object.assign(new Error("too many open files"), { code: "EMFILE" });
  below.listen = () => {
    below.emit("error", full);
    return below;
  };
  clock.advance(60_000);
  below.listen = listen;
  clock.advance(1000);
  await reports.next((message) => message === "a listener is open again");
  assertEquals(reports.all, ["a listener has ended by itself", "a listener is open again"]);
  const client = await RawSocket.connect(port);
  client.leave();
  await within(listener.shutdown(), () => "it does not stop");
});

Deno.test("ListenerWatch proves once that a server hears, and lets it be", async () => {
  const heard = new Arrivals<number>();
  const server = createServer();
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await within(listening, () => "it does not listen");
  const { port } = server.address() as { port: number };
  const watch = new ListenerWatch(server, { port, host: "127.0.0.1" }, QUIET);
  let listened = 0;
  server.on("listening", () => listened++);
  const { promise: probed, resolve: probe } = Promise.withResolvers<void>();
  server.on("connection", (socket: Socket) => {
    watch.heard(socket);
    heard.push(socket.remotePort!);
    // Ours ends when it is proven.
    socket.resume().on("close", () => heard.all.length > 1 && probe());
  });
  using _client = await RawSocket.connect(port);
  await heard.count(2);
  await within(probed, () => "the connection of the watch stays");
  assertEquals([heard.all.length, listened], [2, 0]);
  watch.stop();
  server.close();
});
