/** Data after our close frame is limited: a flood is not read to its end. */
import { assertEquals } from "@std/assert";
import { DEFAULT_LIMITS } from "../../../session/limits.ts";
import type { ByteStream } from "../../../session/websocket/byte_stream.ts";
import { WebSocketConnection } from "../../../session/websocket/websocket_connection.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { BINARY, frameBytes } from "../../support/raw_socket.ts";

Deno.test("WebSocketConnection reads a mebibyte after its close frame, and then drops the connection", () => {
  using _clock = new FakeClock();
  const connection = new WebSocketConnection({ limits: DEFAULT_LIMITS, heartbeatMs: 0 });
  let destroyed = false;
  const stream = {
    waitingBytes: 0,
    write() {},
    end() {},
    pause() {},
    resume() {},
    destroy: () => void (destroyed = true),
  } as unknown as ByteStream;
  connection.addEventListener("message", { handleEvent() {} });
  connection.open(stream);
  connection.close(1008, "too much audio");
  const payload = new Uint8Array(16 * 1024);
  const frame = () => frameBytes({ opcode: BINARY, payload }) as Uint8Array<ArrayBuffer>;
  for (let frames = 0; frames < 60; frames++) connection.receive(frame());
  assertEquals(destroyed, false, "what was under way is read");
  for (let frames = 0; frames < 10; frames++) connection.receive(frame());
  assertEquals(destroyed, true);
});
