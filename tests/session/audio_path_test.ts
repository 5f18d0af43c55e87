/** Audio takes the fast path while the protocol waits, and is queued otherwise. */
import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import {
  type AudioBytes,
  type AudioEvent,
  type Command,
  type Event,
  play,
  send,
} from "../../session/protocol.ts";
import { serveFake } from "../support/fake_socket.ts";

const answer = send({ event: "answer" }) as Command<never>;

/** Echoes audio, answers everything else, and writes down which way audio came. */
function echoing(hears: (bytes: AudioBytes) => Command<never> | undefined = play) {
  const ways: string[] = [];
  async function* converse(
    events: AsyncIterable<Event<unknown, string>>,
  ): AsyncGenerator<Command<never>, void, void> {
    for await (const event of events) {
      ways.push(event.kind === "audio" ? "in turn" : event.kind);
      if (event.kind === "audio") yield play(event.bytes);
      else if (event.kind !== "closed") yield answer;
    }
  }
  const takeAudio = (event: AudioEvent) => {
    if (event.kind === "notice") return void ways.push(`${event.notice} at once`);
    ways.push("at once");
    return hears(event.bytes);
  };
  const served = serveFake({
    wire: inboundCallWire,
    protocol: (events: AsyncIterable<Event<unknown, string>>) =>
      Object.assign(converse(events), { takeAudio }),
    context: () => undefined,
  });
  return { ...served, ways };
}

Deno.test("serve() plays the same buffer at once while the protocol is idle", async () => {
  const { socket, session, tap, ways } = echoing();
  socket.open();
  const buffer = new ArrayBuffer(320);
  socket.hear(buffer);
  assertStrictEquals(socket.sent[0], buffer);
  session.hangUp(1000, "");
  await session.ended;
  assertEquals([ways, tap.kinds], [["at once", "closed"], ["opened", "audio", "play", "closed"]]);
});

Deno.test("serve() delivers audio in order, behind events that the protocol has not read yet", async () => {
  const { socket, session, tap, ways } = echoing();
  socket.open();
  socket.hearJson({ event: "dtmf", digit: "1" });
  socket.hear(new ArrayBuffer(320));
  session.notify("last");
  assertEquals(socket.sent, []);
  await tap.until("send", 2);
  socket.hear(new ArrayBuffer(320));
  assertEquals(ways, ["message", "in turn", "notice", "at once"]);
  session.hangUp(1000, "");
  await session.ended;
});

Deno.test("serve() reads a notice's audio at once, or in order behind other events", async () => {
  const { socket, session, tap, ways } = echoing();
  socket.open();
  assert(session.notifyAudio("passed back"));
  socket.hearJson({ event: "dtmf", digit: "1" });
  assert(session.notifyAudio("passed back"));
  await tap.until("send", 2);
  assertEquals(ways, ["passed back at once", "message", "notice"]);
  session.hangUp(1000, "");
  assertFalse(session.notifyAudio("too late"));
  await session.ended;
});

Deno.test("serve() sends nothing for audio that has no answer", async () => {
  const { socket, session, tap } = echoing(() => undefined);
  socket.open();
  socket.hear(new ArrayBuffer(320));
  session.hangUp(1000, "");
  await session.ended;
  assertEquals(tap.kinds, ["opened", "audio", "closed"]);
});

Deno.test("serve() contains a protocol that throws on audio, and delivers nothing after it", async () => {
  const { socket, session, tap, sessions, ways } = echoing(() => {
    throw new Error("sick");
  });
  socket.open();
  socket.hear(new ArrayBuffer(320));
  await session.ended;
  socket.hear(new ArrayBuffer(320));
  assertFalse(session.notify("late"));
  assert(tap.kinds.includes("failed"));
  assertEquals([ways, socket.closes], [["at once"], [{ code: 1011, reason: "internal error" }]]);
  assertEquals(sessions.size, 0);
});
