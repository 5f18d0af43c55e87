import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { setImmediate } from "node:timers";
import { limitsOf } from "../../../session/limits.ts";
import type { ByteStream } from "../../../session/websocket/byte_stream.ts";
import { Deadlines } from "../../../session/websocket/deadlines.ts";
import { type Bytes, textFrame } from "../../../session/websocket/frame.ts";
import { GrowingBytes } from "../../../session/websocket/growing_bytes.ts";
import { Heartbeats } from "../../../session/websocket/heartbeats.ts";
import { unmask } from "../../../session/websocket/unmask.ts";
import { WebSocketConnection } from "../../../session/websocket/websocket_connection.ts";
import { SeededRandom } from "../../torture/seeded_random.ts";
import { Arrivals, within } from "../../support/arrivals.ts";
import { BINARY, CONTINUATION, frameBytes, TEXT } from "../../support/raw_socket.ts";

class FakeStream implements ByteStream {
  waitingBytes = 0;
  /** The pieces of each write. */
  readonly writes: Bytes[][] = [];
  readonly did: string[] = [];

  write(pieces: readonly Bytes[]): void {
    this.writes.push([...pieces]);
  }

  end = () => void this.did.push("end");
  destroy = () => void this.did.push("destroy");
  pause = () => void this.did.push("pause");
  resume = () => void this.did.push("resume");
}

interface Heard {
  readonly type: string;
  readonly data: string | Bytes;
  readonly code: number;
}

function opened(limits = {}) {
  const connection = new WebSocketConnection({ limits: limitsOf(limits), heartbeatMs: 0 });
  const heard: Heard[] = [];
  const listener = {
    handleEvent: (event: Event) => void heard.push(event as unknown as Heard),
  };
  connection.addEventListener("message", listener);
  const stream = new FakeStream();
  connection.open(stream);
  return { connection, stream, heard };
}

/** One that sends texts back as a protocol does: some promises later. */
function answering() {
  const { connection, stream, heard } = opened();
  connection.addEventListener("message", {
    async handleEvent(event: Event) {
      const { type, data } = event as unknown as Heard;
      heard.push(event as unknown as Heard);
      for (let ticks = 0; ticks < 10; ticks++) await null;
      if (type === "message") connection.send(data);
    },
  });
  return { connection, stream, heard };
}

async function turn(): Promise<void> {
  await within(new Promise((resolve) => setImmediate(resolve)), () => "the loop stands still");
}

function frame(opcode: number, payload: Uint8Array, fin = true): Bytes {
  return frameBytes({ opcode, payload, fin }) as Bytes;
}

Deno.test("WebSocketConnection echoes the same bytes that it received, with the head before them", async () => {
  for (const length of [0, 3, 125, 126, 320, 32 * 1024]) {
    const { connection, stream, heard } = opened();
    const payload = new Uint8Array(length).fill(7);
    const chunk = frame(BINARY, payload);
    connection.receive(chunk);
    const bytes = heard[1]!.data as Bytes;
    assertStrictEquals(bytes.buffer, chunk.buffer);
    connection.send(bytes);
    await turn();
    const [[echo]] = stream.writes as [[Bytes]];
    assertStrictEquals(echo.buffer, chunk.buffer);
    const expected = frameBytes({ opcode: BINARY, payload, masked: false });
    assertEquals([...echo], [...expected]);
  }
});

Deno.test("WebSocketConnection writes what one turn sends once, in order", async () => {
  const { connection, stream } = opened();
  connection.send("one");
  connection.send(new Uint8Array([2]));
  connection.send(new Uint8Array([3]).buffer);
  assertEquals([stream.writes.length, connection.bufferedAmount], [0, 5 + 3 + 3]);
  await turn();
  assertEquals(stream.writes.length, 1);
  assertEquals(stream.writes[0]!.flatMap((piece) => [...piece]), [
    ...[0x81, 3, 0x6f, 0x6e, 0x65],
    ...[0x82, 1, 2],
    ...[0x82, 1, 3],
  ]);
  assertEquals(connection.bufferedAmount, 0);
});

Deno.test("WebSocketConnection echoes data of an earlier turn too", async () => {
  const { connection, stream, heard } = opened();
  connection.receive(frame(BINARY, new Uint8Array([1, 2])));
  await turn();
  connection.send(heard[1]!.data);
  await turn();
  assertEquals(stream.writes[0]!.flatMap((piece) => [...piece]), [0x82, 2, 1, 2]);
});

Deno.test("WebSocketConnection keeps no large chunk alive for a small message in it", () => {
  const { connection, heard } = opened();
  const chunk = new Uint8Array(32 * 1024);
  chunk.set(frame(BINARY, new Uint8Array([5])));
  // The rest is the beginning of a message that is longer.
  chunk.set([0x82, 0xfe, 0x7f, 0xff], 7);
  connection.receive(chunk.subarray(0, 20_000));
  const { data } = heard[1]!;
  assertEquals([...data as Bytes], [5]);
  assertEquals((data as Bytes).buffer.byteLength, 1);
});

Deno.test("textFrame() encodes a text for many sockets once", () => {
  const text = "ß".repeat(100);
  assertStrictEquals(textFrame(text), textFrame("ß".repeat(100)));
  assertEquals([...textFrame("ß")], [0x81, 2, 0xc3, 0x9f]);
});

Deno.test("WebSocketConnection pauses a peer that exceeds its rate, and resumes", () => {
  const { connection, stream } = opened({ audioBytesPerSecond: 16_000, audioBytes: 64 * 1024 });
  const chunk = () => frame(BINARY, new Uint8Array(30_000));
  connection.receive(chunk());
  connection.receive(chunk());
  assertEquals(stream.did, []);
  connection.receive(chunk());
  assertEquals(stream.did, ["pause"]);
  connection.lost();
  assertEquals(stream.did, ["pause", "destroy"]);
});

Deno.test("WebSocketConnection pauses a peer that sends empty fragments or pings endlessly", () => {
  const { connection, stream } = opened({ messagesPerSecond: 10 });
  connection.receive(frame(TEXT, new Uint8Array(), false));
  for (let count = 0; count < 50; count++) {
    connection.receive(frame(CONTINUATION, new Uint8Array(), false));
  }
  assert(stream.did.includes("pause"));
  connection.lost();
});

Deno.test("WebSocketConnection keeps reading for a while after a fault, and not forever", async () => {
  const { connection, stream, heard } = opened();
  connection.receive(new Uint8Array([0xff, 0xff]));
  await turn();
  assertEquals([heard[1]!.type, heard[1]!.code], ["close", 1002]);
  assertEquals(stream.did, ["end"]);
  assertEquals([...stream.writes[0]![0]!].slice(0, 4), [0x88, 25, 0x03, 0xea]);
  for (let sent = 0; sent <= 1024 * 1024; sent += 64 * 1024) {
    connection.receive(new Uint8Array(64 * 1024));
  }
  assertEquals(stream.did, ["end", "destroy"]);
  assertEquals(heard.length, 2);
  await turn();
});

for (
  const [what, last, code] of [
    ["a fault", frameBytes({ opcode: 3 }), 1002],
    ["the peer's close", frameBytes({ opcode: 8, payload: new Uint8Array([0x03, 0xe8]) }), 1000],
  ] as const
) {
  Deno.test(`WebSocketConnection sends what is answered to a message before ${what}, in one read`, async () => {
    const { connection, stream, heard } = answering();
    connection.receive(new Uint8Array([...frame(TEXT, new Uint8Array([0x61])), ...last]));
    await turn();
    const [[answer, close, ...more]] = stream.writes as [Bytes[]];
    assertEquals([[...answer!], [...close!.subarray(0, 1)], more], [[0x81, 1, 0x61], [0x88], []]);
    assertEquals([stream.did, heard.at(-1)!.code], [["end"], code]);
    connection.lost();
  });

  Deno.test(`WebSocketConnection that is lost after ${what} was closed by it`, async () => {
    const { connection, stream, heard } = answering();
    connection.receive(last as Bytes);
    connection.lost();
    assertEquals([stream.writes.length, stream.did], [1, ["end", "destroy"]]);
    await turn();
    assertEquals(heard.slice(1).map(({ type, code }) => [type, code]), [["close", code]]);
    assertEquals([stream.writes.length, stream.did], [1, ["end", "destroy"]]);
  });

  Deno.test(`WebSocketConnection that a session closes after ${what} says so once`, async () => {
    const { connection, stream, heard } = answering();
    connection.receive(last as Bytes);
    connection.close(4000, "of its own");
    await turn();
    assertEquals(stream.writes.map(([first]) => [...first!.subarray(2, 4)]), [[0x0f, 0xa0]]);
    assertEquals([stream.did, heard.at(-1)!.code], [["end"], code]);
    connection.lost();
  });
}

Deno.test("WebSocketConnection sends nothing after its close, and ends when the peer answers", async () => {
  const { connection, stream, heard } = opened();
  connection.close(1000, "bye");
  connection.send("too late");
  connection.close(1001, "again");
  connection.receive(frame(8, new Uint8Array([0x03, 0xe8])));
  await turn();
  assertEquals(stream.writes.length, 1);
  assertEquals([stream.did, heard.at(-1)!.code], [["end"], 1000]);
  connection.lost();
});

Deno.test("WebSocketConnection that is not open yet neither sends nor closes", () => {
  const connection = new WebSocketConnection({ limits: limitsOf({}), heartbeatMs: 0 });
  assertThrows(() => connection.send("x"), DOMException, "is connecting");
  assertThrows(() => connection.close(), DOMException, "is connecting");
  connection.lost();
  assertEquals(connection.readyState, 3);
});

Deno.test("unmask() follows RFC 6455 section 5.3 at every offset and for any split", () => {
  const random = new SeededRandom(53);
  for (let round = 0; round < 500; round++) {
    const [before, length] = [random.whole(0, 9), random.whole(0, 200)];
    const key = Array.from({ length: 4 }, () => random.whole(0, 255));
    const bytes = Uint8Array.from({ length: before + length + 3 }, () => random.whole(0, 255));
    const expected = bytes.map((byte, at) =>
      at < before || at >= before + length ? byte : byte ^ key[(at - before) % 4]!
    );
    const mask = key[0]! | key[1]! << 8 | key[2]! << 16 | key[3]! << 24;
    const cut = before + random.whole(0, length);
    unmask(bytes, before, cut, mask, 0);
    unmask(bytes, cut, before + length, mask, cut - before);
    assertEquals(bytes, expected);
  }
});

Deno.test("GrowingBytes holds little more than what was received", () => {
  const growing = new GrowingBytes();
  for (let sum = 1; sum <= 5000; sum++) {
    growing.append(new Uint8Array([sum]));
    assert(growing.buffer.length <= Math.max(256, sum * 2 + 64), `${growing.buffer.length}`);
  }
  assertEquals(growing.bytes, Uint8Array.from({ length: 5000 }, (_, at) => at + 1));
});

Deno.test("Heartbeats pings silent peers, drops dead ones, and leaves active ones alone", async () => {
  const said = new Arrivals<string>();
  const beats = new Heartbeats(40);
  const beating = (name: string, isLively: boolean) => ({
    silentBeats: 0,
    ping() {
      said.push(`${name} pinged`);
      if (isLively) this.silentBeats = 0;
    },
    giveUp() {
      said.push(`${name} given up`);
      beats.delete(this);
    },
  });
  const lively = beating("lively", true);
  beats.add(beating("dead", false));
  beats.add(lively);
  await said.next((what) => what === "dead pinged");
  await said.next((what) => what === "dead given up");
  await said.next((what) => what === "lively pinged");
  assertEquals(said.all.filter((what) => what === "lively given up"), []);
  beats.delete(lively);
});

Deno.test("Deadlines expires what is due, in order, with one timer", async () => {
  const expired = new Arrivals<string>();
  const deadlines = new Deadlines(20);
  const thing = (name: string) => ({ expire: () => expired.push(name) });
  const [one, two, three] = [thing("one"), thing("two"), thing("three")];
  for (const each of [one, two, three]) deadlines.add(each);
  deadlines.delete(two);
  assertEquals(await expired.count(2), ["one", "three"]);
});
