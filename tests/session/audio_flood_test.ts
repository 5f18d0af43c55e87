/** Binary frames at full speed: the flooding socket is closed, and other calls lose nothing. */
import { assertEquals } from "@std/assert";
import { FrameClock } from "../../simulators/time/frame_clock.ts";
import { SimulatedTime } from "../../simulators/time/simulated_time.ts";
import { within } from "../support/arrivals.ts";
import { Client } from "../support/client.ts";
import { QUIET_INBOUND } from "../support/lines.ts";
import { ServerProcess } from "../support/process.ts";
import { BINARY, frameBytes, RawSocket } from "../support/raw_socket.ts";

const FRAMES = 401;
const INCOMING = { event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "flooded" };
const AUDIO = { "sec-websocket-protocol": "audio.jambonz.org" };

interface Flood {
  readonly what: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  /** Said before the flood. */
  readonly first?: object;
  readonly bytes: number;
}

const FLOODS: readonly Flood[] = [0, 1].flatMap((bytes) => [
  { what: "a call", path: "/", first: { ...INCOMING, sessionId: `flood ${bytes}` }, bytes },
  { what: "a line without a call", path: "/", bytes },
  { what: "audio without a call", path: "/jambonz/audio", headers: AUDIO, bytes },
]);

Deno.test("audio floods are closed with 1008, and another call loses none of 401 frames", async () => {
  // Late audio is dropped as usual, but not that of a test on a busy machine.
  const env = { ...QUIET_INBOUND, LIMIT_LATE_AUDIO_MS: "1000" };
  await using server = new ServerProcess({ env });
  const [port] = await server.ports();
  await using line = await Client.open(`ws://127.0.0.1:${port}/`);
  line.send(INCOMING);
  await line.next({ event: "answer" });
  const { promise: sent, resolve } = Promise.withResolvers<void>();
  let count = 0;
  const clock = new FrameClock(new SimulatedTime(1), () => {
    line.send(frameOf(count++));
    if (count < FRAMES) return;
    clock.stop();
    resolve();
  });
  clock.start();
  for (const each of FLOODS) {
    await flood(port!, each);
    const ended = (text: string) => text.includes('"session ended"') && text.includes("1008");
    const { code, reason } = JSON.parse(await server.stderr.next(ended, `the end of ${each.what}`));
    assertEquals([code, reason], [1008, "too much audio"], each.what);
  }
  await within(sent, () => `${count} frames are sent`);
  const heard = new Set<number>();
  while (heard.size < FRAMES) {
    const frame = await line.nextAudio();
    heard.add(new DataView(frame.buffer, frame.byteOffset).getUint32(0));
  }
  assertEquals([...heard].toSorted((a, b) => a - b), Array.from({ length: FRAMES }, (_, at) => at));
});

Deno.test("audio at its normal rate is accepted for as long as it lasts", async () => {
  await using server = new ServerProcess({ env: QUIET_INBOUND });
  const [port] = await server.ports();
  await using line = await Client.open(`ws://127.0.0.1:${port}/`);
  line.send(INCOMING);
  await line.next({ event: "answer" });
  // As many as are allowed at once, repeatedly, each burst after the last was heard.
  for (let burst = 0; burst < 3; burst++) {
    for (let at = 0; at < 200; at++) line.send(frameOf(at));
    for (let at = 0; at < 200; at++) await line.nextAudio();
  }
  assertEquals((await line.close()).code, 1000);
});

function frameOf(number: number): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(320);
  new DataView(frame.buffer).setUint32(0, number);
  return frame;
}

/** Writes frames until the server has closed the connection. */
async function flood(port: number, { path, headers, first, bytes }: Flood): Promise<void> {
  using flooder = await RawSocket.open(port, path, headers);
  if (first !== undefined) await flooder.send(first);
  const frame = frameBytes({ opcode: BINARY, payload: new Uint8Array(bytes) });
  const many = await new Blob(Array(1000).fill(frame)).bytes();
  for (let written = 0; written < 5000; written++) {
    try {
      await flooder.write(many);
    } catch {
      // The server has gone, which the log explains.
      return;
    }
  }
  throw new Error("The flooder was never closed");
}
