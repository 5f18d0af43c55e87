/** The inbound protocol with an app instead of the timeline: a script without sockets or clocks. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { asked } from "../../calls/line.ts";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { inboundCall } from "../../protocols/inbound_call/session.ts";
import type { InboundAppNotice } from "../../protocols/inbound_call/ports.ts";
import { frame, scriptedApp } from "../support/apps.ts";
import { saidIn, Script } from "../support/script.ts";
import { inboundWorld, toldOf } from "../support/worlds.ts";

const INCOMING = { event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "3" };
const HANGUP = { event: "hangup" } as const;

/** A call whose app is the test itself. */
async function ringing() {
  const { app, told, play, interrupt } = scriptedApp();
  const world = { ...inboundWorld(), app };
  const script = new Script(inboundCallWire, inboundCall, world);
  await script.hear(INCOMING);
  const notify = (notice: InboundAppNotice) => script.notify(notice);
  const end = async () => {
    if (!script.over) await script.close(1006);
  };
  /** The app plays this, and says so. */
  const plays = (bytes: Uint8Array<ArrayBuffer>) => {
    play(bytes);
    return notify({ kind: "app:play" });
  };
  return { script, told, world, notify, play, plays, interrupt, end };
}

async function answered() {
  const call = await ringing();
  await call.script.notify({ kind: "recorded" });
  await call.notify({ kind: "app:answer" });
  call.told.length = 0;
  return call;
}

function playedIn(commands: readonly { kind: string }[]): unknown[] {
  return commands.flatMap((command) =>
    command.kind === "play" ? [(command as unknown as { bytes: unknown }).bytes] : []
  );
}

Deno.test("inboundCall() starts the app when the call is recorded, and skips the timeline", async () => {
  const { script, told, world, notify, end } = await ringing();
  assertEquals(told, []);
  assertEquals(saidIn(await script.notify({ kind: "recorded" })), []);
  assertEquals(told, [["begin"]]);
  assertEquals(saidIn(await notify({ kind: "app:answer" })), [{ event: "answer" }]);
  assertEquals(saidIn(await notify({ kind: "app:answer" })), [], "once");
  assertEquals(await script.advance(60_000), []);
  assertEquals(toldOf(world.told, "answered").length, 1);
  await end();
});

Deno.test("inboundCall() hangs up when an app lets it ring too long", async () => {
  const { script, world, end } = await ringing();
  await script.notify({ kind: "recorded" });
  assertEquals(saidIn(await script.advance(29_999)), []);
  assertEquals(saidIn(await script.advance(1)), [HANGUP]);
  assertEquals(toldOf(world.told, "ended"), [["us", "the app did not answer"]]);
  await end();
});

Deno.test("inboundCall() passes audio to the app, and sends back the same frame", async () => {
  const { script, told, notify, end } = await answered();
  const bytes = frame(1);
  assertEquals(await script.play(bytes), [], "the door itself echoes nothing");
  assertEquals(told.length, 1);
  const [command] = await notify({ kind: "app:pass_back", bytes });
  assertStrictEquals((command as { bytes: unknown }).bytes, bytes);
  await script.hear(HANGUP);
  assertEquals(playedIn(await notify({ kind: "app:pass_back", bytes })), []);
  await end();
});

Deno.test("inboundCall() plays what is due, and hangs up once it has been heard", async () => {
  const { script, plays, end } = await answered();
  assertEquals(playedIn(await plays(frame(1))), [frame(1)]);
  // It waits for its 20 ms.
  await script.advance(10);
  const both = [...await plays(frame(2)), ...await plays(frame(3))];
  assertEquals(playedIn(both), [frame(2), frame(3)], "the playout paces, not the protocol");
  await end();
});

Deno.test("inboundCall() hangs up for the app: at once, or when the queue is empty", async () => {
  const idle = await answered();
  assertEquals(saidIn(await idle.notify({ kind: "app:hangup", why: "done", now: false })), [
    HANGUP,
  ]);
  assertEquals(toldOf(idle.world.told, "ended"), [["us", "done"]]);
  await idle.end();
  const busy = await answered();
  for (let count = 0; count < 3; count++) busy.play(frame(1));
  assertEquals(saidIn(await busy.notify({ kind: "app:hangup", why: "done", now: false })), []);
  await busy.plays(frame(4));
  assertEquals(saidIn(await busy.script.advance(79)), []);
  assertEquals(saidIn(await busy.script.advance(1)), [HANGUP]);
  await busy.end();
  const now = await answered();
  now.play(frame(1));
  assertEquals(saidIn(await now.notify({ kind: "app:hangup", why: "failed", now: true })), [
    HANGUP,
  ]);
  await now.end();
});

Deno.test("inboundCall() drops queued audio when somebody interrupts it", async () => {
  const { script, notify, play, end } = await answered();
  for (let count = 0; count < 3; count++) play(frame(1));
  await notify({ kind: "app:hangup", why: "done", now: false });
  const said = saidIn(await script.notify(asked({ kind: "interrupt" })));
  assertEquals(said, [{ event: "interrupt" }, HANGUP], "nothing is left to wait for");
  assertEquals(script.timers, ["cdr"]);
  await end();
});

Deno.test("inboundCall() sends interrupt before new audio when the app has interrupted", async () => {
  const { interrupt, play, plays, notify, end } = await answered();
  await plays(frame(1));
  interrupt();
  play(frame(2));
  const commands = await notify({ kind: "app:play" });
  assertEquals(commands.slice(0, 2).map(({ kind }) => kind), ["send", "play"]);
  assertEquals([saidIn(commands), playedIn(commands)], [[{ event: "interrupt" }], [frame(2)]]);
  await end();
});

Deno.test("inboundCall() drops the app's queued audio when the call ends, however it ends", async () => {
  const ends: Record<string, (call: Awaited<ReturnType<typeof answered>>) => Promise<unknown>> = {
    "the caller hangs up": ({ script }) => script.hear(HANGUP),
    "a CDR comes": ({ script }) => script.hear({ event: "cdr" }),
    "a watcher ends it": ({ script }) => script.notify(asked({ kind: "end" })),
    "the app gives up": ({ notify }) => notify({ kind: "app:hangup", why: "failed", now: true }),
  };
  for (const [how, end] of Object.entries(ends)) {
    const call = await answered();
    const { playout } = call.world.app;
    for (let count = 0; count < 3; count++) call.play(frame(1));
    assertEquals(playout.idle, false);
    await end(call);
    assertEquals(playout.idle, true, how);
    await call.end();
  }
});

Deno.test("inboundCall() does nothing for an app once the call is over", async () => {
  const { script, notify, plays, end } = await answered();
  await plays(frame(1));
  await script.hear(HANGUP);
  const late = [
    ...await notify({ kind: "app:answer" }),
    ...await plays(frame(2)),
    ...await notify({ kind: "app:hangup", why: "late", now: true }),
  ];
  assertEquals([late, script.timers], [[], ["cdr"]]);
  await end();
});
