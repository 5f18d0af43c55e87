import { assert, assertEquals } from "@std/assert";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { notificationsWire } from "../../protocols/notifications/messages.ts";
import { cancel, type Command, type Event, timer } from "../../session/protocol.ts";
import { Sessions } from "../../session/sessions.ts";
import type { Wire } from "../../session/wire.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { serveFake } from "../support/fake_socket.ts";

type Heard = Event<unknown, string>;

/** A protocol that follows a function, event by event. */
function doing(does: (event: Heard) => Iterable<Command<never>>) {
  return async function* (events: AsyncIterable<Heard>): AsyncGenerator<Command<never>> {
    for await (const event of events) yield* does(event);
  };
}

const silent = doing(() => []);

function served(protocol: ReturnType<typeof doing>, wire: Wire = inboundCallWire) {
  return serveFake({ wire, protocol, context: () => undefined });
}

Deno.test("serve() ends a session that is hung up while connecting, and closes its socket when it opens", async () => {
  const { socket, session, tap, sessions } = served(silent);
  session.hangUp(1001, "going away");
  await session.ended;
  assertEquals(socket.closes, []);
  assertEquals(sessions.size, 0);
  socket.open();
  assertEquals(socket.closes, [{ code: 1001, reason: "going away" }]);
  assertEquals(tap.kinds, ["closed"]);
});

Deno.test("serve() ends a session whose socket fails while connecting", async () => {
  const { socket, session, tap } = served(silent);
  socket.lose(0);
  await session.ended;
  assertEquals(tap.facts, [{ kind: "closed", code: 1006, reason: "" }]);
});

Deno.test("serve() gives up on a socket that never opens", async () => {
  using clock = new FakeClock();
  const { session, tap } = serveFake({
    wire: inboundCallWire,
    protocol: silent,
    context: () => undefined,
    limits: { openingMs: 500 },
  });
  clock.advance(499);
  assertEquals(tap.kinds, []);
  clock.advance(1);
  await session.ended;
  assertEquals(tap.facts, [{ kind: "closed", code: 1006, reason: "never opened" }]);
  assertEquals(clock.running, 0);
});

Deno.test("serve() sets, replaces and cancels timers, and clears them at the end", async () => {
  using clock = new FakeClock();
  const told: string[] = [];
  const { socket, session, tap } = served(
    doing((event) => {
      if (event.kind === "timeout") told.push(event.timer);
      if (event.kind !== "notice") return [];
      return [
        timer("replaced", 100),
        timer("replaced", 300),
        timer("cancelled", 100),
        cancel("cancelled"),
        cancel("unknown"),
        timer("short", 200),
        timer("never", Infinity),
        timer("long", 1000),
      ];
    }),
    notificationsWire,
  );
  socket.open();
  session.notify("go");
  await tap.until("timer", 8);
  clock.advance(100);
  assertEquals(tap.kinds.includes("timeout"), false);
  clock.advance(100);
  await tap.until("timeout", 1);
  clock.advance(100);
  await tap.until("timeout", 2);
  assertEquals(clock.running, 1);
  session.hangUp(1000, "");
  assertEquals(clock.running, 0);
  await session.ended;
  assertEquals(told, ["short", "replaced"]);
});

Deno.test("serve() sets no timer after the end", async () => {
  using clock = new FakeClock();
  const { socket, session } = served(
    doing((event) => event.kind === "closed" ? [timer("late", 10)] : []),
  );
  socket.open();
  socket.lose(1000);
  await session.ended;
  assertEquals(clock.running, 0);
});

Deno.test("serve() lists its sessions until they end", async () => {
  const { socket, session, sessions } = served(silent);
  const other = served(silent);
  assert(session.id !== other.session.id);
  assertEquals(session.door, "test");
  assertEquals(sessions.size, 1);
  socket.open();
  other.session.hangUp(1000, "");
  session.hangUp(1000, "");
  await Promise.all([session.ended, other.session.ended]);
  assertEquals(sessions.size, 0);
});

Deno.test("Sessions.hangUpAll() ends every session and waits for their protocols", async () => {
  const sessions = new Sessions();
  const ended: string[] = [];
  const closes: unknown[] = [];
  for (const name of ["a", "b"]) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const session = {
      door: "test",
      ended: promise.then(() => {
        ended.push(name);
        sessions.delete(session);
      }),
      hangUp(code: number, reason: string) {
        closes.push([name, code, reason]);
        queueMicrotask(resolve);
      },
    };
    sessions.add(session);
  }
  assertEquals(sessions.size, 2);
  await sessions.hangUpAll(1001, "going away");
  assertEquals(closes, [["a", 1001, "going away"], ["b", 1001, "going away"]]);
  assertEquals(ended, ["a", "b"]);
  assertEquals(sessions.size, 0);
});

Deno.test("Sessions.hangUpAll() reaches both open and connecting sessions", async () => {
  const open = served(silent);
  const connecting = served(silent);
  open.socket.open();
  await Promise.all([open, connecting].map(({ sessions }) => sessions.hangUpAll(1012, "restart")));
  assertEquals(open.socket.closes, [{ code: 1012, reason: "restart" }]);
  assertEquals(connecting.tap.facts, [{ kind: "closed", code: 1012, reason: "restart" }]);
});
