import { assertEquals } from "@std/assert";
import { createServer, type Socket } from "node:net";
import { ListenerWatch } from "../../../server/listen/listener_watch.ts";
import { Arrivals, within } from "../../support/arrivals.ts";
import { RawSocket } from "../../support/raw_socket.ts";

Deno.test("ListenerWatch confirms once that a server accepts connections, and stops", async () => {
  const heard = new Arrivals<number>();
  const server = createServer();
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await within(listening, () => "it does not listen");
  const { port } = server.address() as { port: number };
  const watch = new ListenerWatch(server, { port, host: "127.0.0.1" });
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
