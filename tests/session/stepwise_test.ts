import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { close, type Command, type Event, play, send, stepwise } from "../../session/protocol.ts";
import type { Session } from "../../session/session.ts";
import { serveFake } from "../support/fake_socket.ts";

type Heard = Event<unknown, string>;
type Told = Session<string>;

const answer = send({ event: "answer" }) as Command<never>;

/** A session whose protocol does, in steps, what a function says. */
function stepping(
  does: (event: Heard, session: Told) => Iterable<Command<never>>,
  limits: { inboxEvents?: number } = {},
) {
  return serveFake({
    wire: inboundCallWire,
    protocol: stepwise((session: Told) => (event: Heard) => does(event, session)),
    context: (session: Told) => session,
    limits,
  });
}

Deno.test("stepwise() makes a protocol of its steps", async () => {
  const protocol = stepwise((word: string) => (event: number) => [`${word} ${event}`, "."]);
  const events = ReadableStream.from([1, 2]);
  assertEquals(await Array.fromAsync(protocol(events, "step")), ["step 1", ".", "step 2", "."]);
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
    protocol: stepwise<Heard, Command<never>, undefined>(() => {
      throw new Error("no database");
    }),
    context: () => undefined,
  });
  socket.open();
  await session.ended;
  assertEquals(socket.closes, [{ code: 1011, reason: "internal error" }]);
  assertEquals(sessions.size, 0);
});
