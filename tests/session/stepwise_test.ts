import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { type InboundCallWire, inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { close, type Command, type Event, play, send, stepwise } from "../../session/protocol.ts";
import type { Session } from "../../session/session.ts";
import type { Heard as HeardOf, Said } from "../../session/wire.ts";
import { serveFake } from "../support/fake_socket.ts";

type Heard = Event<HeardOf<InboundCallWire>, string>;
type Out = Command<Said<InboundCallWire>>;
type Told = Session<string>;
type Does = (event: Heard, session: Told) => Iterable<Out>;

const answer = send({ event: "answer" } as const);

/** A protocol that does, in steps, what a function says; it is over after the notice `over`. */
function protocolOf(does: Does, opens: Out[] = []) {
  return stepwise<InboundCallWire, Told, string>((session) => {
    let isOver = false;
    const hear = function* (event: Heard) {
      yield* does(event, session);
      isOver = event.kind === "notice" && event.notice === "over";
    };
    return {
      get isOver() {
        return isOver;
      },
      open: () => opens,
      hear,
      hearAudio: (bytes) => [...does({ kind: "audio", bytes }, session)][0],
    };
  });
}

/** A session of such a protocol. */
function stepping(does: Does, limits: { inboxEvents?: number } = {}, opens: Out[] = []) {
  return serveFake({
    wire: inboundCallWire,
    protocol: protocolOf(does, opens),
    context: (session: Told) => session,
    limits,
  });
}

Deno.test("stepwise() makes an async generator of the steps, up to their end", async () => {
  const bytes = new Uint8Array(2);
  const events: Heard[] = [
    { kind: "audio", bytes },
    { kind: "notice", notice: "over" },
    { kind: "notice", notice: "late" },
  ];
  const protocol = protocolOf((event) => [event.kind === "audio" ? play(bytes) : answer], [answer]);
  const said = await Array.fromAsync(protocol(ReadableStream.from(events), {} as Told));
  assertEquals(said, [answer, play(bytes), answer]);
});

Deno.test("serve() closes with 1000 after the last step, and nothing is heard after it", async () => {
  const told: string[] = [];
  const { socket, session } = stepping(
    (event) => {
      told.push(event.kind);
      return [];
    },
    {},
    [answer],
  );
  socket.open();
  assertEquals(socket.sent, ['{"event":"answer"}']);
  session.notify("over");
  await session.ended;
  assertFalse(session.notify("late"));
  assertEquals([told, socket.closes], [["notice"], [{ code: 1000, reason: "" }]]);
});

Deno.test("serve() takes a step as its event comes, and plays the very buffer", () => {
  const { socket, session, tap } = stepping((event) =>
    event.kind === "audio" ? [play(event.bytes)] : []
  );
  socket.open();
  const buffer = new ArrayBuffer(320);
  socket.hear(buffer);
  assertStrictEquals(socket.sent[0], buffer);
  session.hangUp(1000, "");
  assertEquals(tap.kinds, ["opened", "audio", "play", "closed"]);
});

Deno.test("serve() takes the steps of what came before the socket opened when it opens", async () => {
  const told: Heard[] = [];
  const { socket, session } = stepping((event) => {
    told.push(event);
    return [];
  });
  session.notify("early");
  assertEquals(told, []);
  socket.open();
  assertEquals(told, [{ kind: "notice", notice: "early" }]);
  socket.lose(1000);
  await session.ended;
  assertEquals(told.at(-1)?.kind, "closed");
});

Deno.test("serve() lets what a step brings wait for the end of the step", async () => {
  const told: string[] = [];
  const { socket, session } = stepping(function* (event, session) {
    const name = event.kind === "notice" ? event.notice : event.kind;
    told.push(`${name} begins`);
    if (name === "first") {
      assert(session.notify("second"));
      yield answer;
      yield close(1000, "over");
      assertFalse(session.notify("late"));
    }
    told.push(`${name} ends`);
  });
  socket.open();
  session.notify("first");
  await session.ended;
  assertEquals(told, [
    ...["first begins", "first ends", "second begins", "second ends"],
    ...["closed begins", "closed ends"],
  ]);
  assertEquals([socket.sent.length, socket.closes], [1, [{ code: 1000, reason: "over" }]]);
});

Deno.test("serve() closes a session with 1008 whose step brings more than its inbox holds", async () => {
  const { socket, session } = stepping((event, session) => {
    if (event.kind !== "notice" || event.notice !== "go") return [];
    while (session.notify("more"));
    return [];
  }, { inboxEvents: 3 });
  socket.open();
  session.notify("go");
  await session.ended;
  assertEquals(socket.closes, [{ code: 1008, reason: "too many notices" }]);
});

for (const when of ["message", "closed"] as const) {
  Deno.test(`serve() contains a step that throws at its ${when}: nothing is heard after it`, async () => {
    const told: string[] = [];
    const { socket, session, tap, sessions } = stepping((event) => {
      told.push(event.kind);
      if (event.kind === when) throw new Error("sick");
      return [];
    });
    socket.open();
    if (when === "message") socket.hearJson({ event: "hangup" });
    else socket.lose(1000);
    await session.ended;
    socket.hearJson({ event: "hangup" });
    assertFalse(session.notify("late"));
    assertEquals(told, [when]);
    assert(tap.kinds.includes("failed"));
    assertEquals(socket.closes.map(({ code }) => code), when === "message" ? [1011] : []);
    assertEquals(sessions.size, 0);
  });
}

Deno.test("serve() contains a protocol of steps that cannot begin", async () => {
  const { socket, session, sessions } = serveFake({
    wire: inboundCallWire,
    protocol: stepwise<InboundCallWire, undefined, never>(() => {
      throw new Error("no database");
    }),
    context: () => undefined,
  });
  socket.open();
  await session.ended;
  assertEquals(socket.closes, [{ code: 1011, reason: "internal error" }]);
  assertEquals(sessions.size, 0);
});
