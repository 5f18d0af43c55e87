import { assertEquals } from "@std/assert";
import { CLOSE, RawSocket } from "../support/raw_socket.ts";
import { TestServer } from "../support/server.ts";

const PING = 9;
const DOORS: [door: string, path: string, settings: Record<string, string>][] = [
  ["a door without audio", "/api/v1/ws/a", {}],
  ["an inbound call that may be silent for ever", "/", { INBOUND_IDLE_MS: "never" }],
];

for (const [door, path, settings] of DOORS) {
  Deno.test(`HEARTBEAT_MS: ${door} pings a silent peer, and drops a dead one`, async () => {
    await using server = await TestServer.start({
      settings: { HEARTBEAT_MS: "1000", ...settings },
    });
    using dead = await RawSocket.open(server.port, path);
    assertEquals((await dead.read()).opcode, PING);
    await server.log.some(({ msg }) => msg === "session ended");
  });
}

Deno.test("INBOUND_IDLE_MS detects a dead peer without pings, which would cost a timer per frame", async () => {
  await using server = await TestServer.start({
    settings: { HEARTBEAT_MS: "1000", INBOUND_IDLE_MS: "1100" },
  });
  using dead = await RawSocket.open(server.port, "/");
  assertEquals((await dead.read()).opcode, CLOSE);
  await server.log.some(({ msg, code }) => msg === "session ended" && code === 1001);
});
