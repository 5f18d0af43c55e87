import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { close, type Command, type Event, play, send } from "../../session/protocol.ts";
import type { Wire } from "../../session/wire.ts";
import { serveFake } from "../support/fake_socket.ts";

type Heard = Event<unknown, string>;
type Does = (event: Heard) => Iterable<Command<never>>;

/** A protocol that follows a function, event by event. */
function doing(does: Does) {
  return async function* (events: AsyncIterable<Heard>): AsyncGenerator<Command<never>> {
    for await (const event of events) yield* does(event);
  };
}

const silent = doing(() => []);
const echo = doing((event) => event.kind === "audio" ? [play(event.bytes)] : []);
const answer = send({ event: "answer" }) as Command<never>;

function served(protocol: ReturnType<typeof doing>, wire: Wire = inboundCallWire) {
  return serveFake({ wire, protocol, context: () => undefined });
}

Deno.test("serve() plays audio from the same buffer that it received", async () => {
  const { socket, session, tap } = served(echo);
  socket.open();
  assertEquals(socket.binaryType, "arraybuffer");
  const buffer = new Uint8Array([1, 2, 3]).buffer;
  socket.hear(buffer);
  await tap.until("play");
  assertStrictEquals(socket.sent[0], buffer);
  session.hangUp(1000, "");
  await session.ended;
});

Deno.test("serve() plays a part of a buffer as a view of that part, without a copy", async () => {
  const part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
  const { socket, session, tap } = served(doing(() => [play(part)]));
  socket.open();
  socket.hear(new ArrayBuffer(2));
  await tap.until("play");
  assertStrictEquals(socket.sent[0], part);
  session.hangUp(1000, "");
  await session.ended;
});

Deno.test("serve() accepts audio of any size unchanged, odd and empty too", async () => {
  const { socket, session, tap } = served(echo);
  socket.open();
  const sizes = [160, 320, 2560, 0, 1, 321, 32 * 1024];
  for (const size of sizes) socket.hear(new ArrayBuffer(size));
  await tap.until("play", sizes.length);
  assertEquals(socket.sent.map((sent) => (sent as Uint8Array).byteLength), sizes);
  session.hangUp(1000, "");
  await session.ended;
});

Deno.test("serve() reports each fact in order, and `closed` last", async () => {
  const { socket, session, tap } = served(doing((event) => {
    if (event.kind === "notice") return [answer, { kind: "move", from: "a", to: "b", on: "go" }];
    return event.kind === "audio" ? [play(event.bytes)] : [];
  }));
  socket.open();
  socket.hearJson({ event: "dtmf", digit: "1" });
  socket.hear("nonsense");
  assert(session.notify("go"));
  await tap.until("move");
  socket.hear(new ArrayBuffer(320));
  await tap.until("play");
  socket.lose(1000, "bye");
  await session.ended;
  assertEquals(
    tap.kinds,
    ["opened", "message", "malformed", "send", "move", "audio", "play", "closed"],
  );
  assertEquals(tap.facts.at(-1), { kind: "closed", code: 1000, reason: "bye" });
  assertEquals(socket.sent[0], '{"event":"answer"}');
});

Deno.test("serve() delivers nothing after the end", async () => {
  const { socket, session, tap, sessions } = served(silent);
  socket.open();
  session.hangUp(1000, "done");
  await session.ended;
  for (let frames = 0; frames < 5000; frames++) socket.hearJson({ event: "hangup" });
  socket.hear(new ArrayBuffer(320));
  socket.hear("x".repeat(100_000));
  socket.hear(new ArrayBuffer(100_000));
  assertFalse(session.notify("late"));
  socket.lose(1000);
  session.hangUp(1001, "again");
  assertEquals(tap.kinds, ["opened", "closed"]);
  assertEquals(socket.closes, [{ code: 1000, reason: "done" }]);
  assertEquals(sessions.size, 0);
});

Deno.test("serve() contains a protocol that throws: 1011 on its own socket, without the error's text", async () => {
  const sick = served(doing(() => {
    throw new Error("the secret of the database");
  }));
  const well = served(echo);
  sick.socket.open();
  well.socket.open();
  sick.socket.hearJson({ event: "hangup" });
  await sick.session.ended;
  assertEquals(sick.socket.closes, [{ code: 1011, reason: "internal error" }]);
  assertEquals(sick.socket.sent, []);
  assertEquals(sick.tap.kinds, ["opened", "message", "failed", "closed"]);
  const failed = sick.tap.facts.find((fact) => fact.kind === "failed");
  assertEquals((failed?.error as Error).message, "the secret of the database");
  well.socket.hear(new ArrayBuffer(2));
  await well.tap.until("play");
  well.session.hangUp(1000, "");
  await well.session.ended;
});

Deno.test("serve() contains a protocol that throws while it ends", async () => {
  const { socket, session, tap } = served(doing((event) => {
    if (event.kind === "closed") throw new Error("too late");
    return [];
  }));
  socket.open();
  socket.lose(1000);
  await session.ended;
  assertEquals(tap.kinds, ["opened", "closed", "failed"]);
  assertEquals(socket.closes, []);
});

Deno.test("serve() contains a context that throws", async () => {
  const { socket, session, sessions } = serveFake({
    wire: inboundCallWire,
    protocol: silent,
    context: () => {
      throw new Error("no database");
    },
  });
  socket.open();
  await session.ended;
  assertEquals(socket.closes, [{ code: 1011, reason: "internal error" }]);
  assertEquals(sessions.size, 0);
});

Deno.test("serve() contains a message that cannot be serialised", async () => {
  const { socket, session } = served(doing(() => [send({ bad: 1n }) as Command<never>]));
  socket.open();
  session.notify("go");
  await session.ended;
  assertEquals(socket.closes, [{ code: 1011, reason: "internal error" }]);
});

Deno.test("serve() closes with 1000 when a protocol returns", async () => {
  const { socket, session } = served(async function* () {});
  socket.open();
  await session.ended;
  assertEquals(socket.closes, [{ code: 1000, reason: "" }]);
});

Deno.test("serve() executes a close, and sends nothing after it", async () => {
  const { socket, session, tap } = served(
    doing((event) =>
      event.kind === "notice" ? [answer, close(1000, "over"), answer, play(new Uint8Array(2))] : []
    ),
  );
  socket.open();
  session.notify("go");
  await session.ended;
  assertEquals(socket.sent.length, 1);
  assertEquals(socket.closes, [{ code: 1000, reason: "over" }]);
  assertEquals(tap.facts.filter(({ kind }) => kind === "closed").length, 1);
});

Deno.test("serve() gives the protocol its close as the last event", async () => {
  const told: Heard[] = [];
  const { socket, session } = served(doing((event) => {
    told.push(event);
    return event.kind === "notice" ? [close(1000, "over")] : [];
  }));
  socket.open();
  session.notify("first");
  session.notify("second");
  await session.ended;
  assertEquals(told, [
    { kind: "notice", notice: "first" },
    { kind: "notice", notice: "second" },
    { kind: "closed", code: 1000, reason: "over" },
  ]);
});

Deno.test("serve() reports code 0 of a lost connection as 1006, and survives an error event", async () => {
  const { socket, session, tap } = served(silent);
  socket.open();
  const error = new ErrorEvent("error", { cancelable: true, message: "reset by peer" });
  assert(socket.fail(error), "unhandled, it would end the process");
  socket.lose(0);
  await session.ended;
  assertEquals(tap.facts.at(-1), { kind: "closed", code: 1006, reason: "" });
});

Deno.test("serve() ignores a second close event", async () => {
  const { socket, session, tap } = served(silent);
  socket.open();
  socket.lose(0, "idle");
  socket.lose(0, "idle");
  await session.ended;
  socket.lose(1000);
  assertEquals(tap.kinds, ["opened", "closed"]);
});

Deno.test("serve() clips a reason to 123 bytes at a character boundary", async () => {
  const { socket, session } = served(silent);
  socket.open();
  session.hangUp(1000, "€".repeat(50));
  await session.ended;
  assertEquals(socket.closes, [{ code: 1000, reason: "€".repeat(41) }]);
});

Deno.test("serve() sends nothing after a close, even if the socket closes a moment later", async () => {
  const { socket, session } = served(
    doing((event) =>
      event.kind === "notice" ? [close(1000, "over"), answer, play(new Uint8Array(2))] : []
    ),
  );
  socket.close = (code, reason) => void socket.closes.push({ code, reason });
  socket.open();
  session.notify("go");
  await session.ended;
  assertEquals(socket.readyState, 1);
  assertEquals([socket.sent, socket.closes.length], [[], 1]);
});
