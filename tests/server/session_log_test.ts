/** The log of a server's sessions. */
import { assertEquals } from "@std/assert";
import { Client } from "../support/client.ts";
import { TestServer } from "../support/server.ts";

Deno.test("the log of a session names its peer, its address and how it ended", async () => {
  await using server = await TestServer.start();
  const origin = `http://127.0.0.1:${server.port}`;
  await using page = await Client.open(server.ws("/api/v1/ws/a"), { headers: { origin } });
  const opened = await server.log.next(({ msg }) => msg === "session opened");
  const { session, door } = opened;
  assertEquals([door, opened["by"], opened["origin"]], [
    "notifications",
    "local",
    origin,
  ]);
  await page.close(4000);
  const ended = await server.log.next((line) => line.msg === "session ended");
  assertEquals([ended["session"], ended["door"], ended["code"]], [session, door, 4000]);
  await using program = await Client.open(server.ws("/api/v1/ws/a"));
  const second = await server.log.next(({ msg }) => msg === "session opened");
  assertEquals([second["by"], "origin" in second], ["local", false]);
  await program.close();
});
