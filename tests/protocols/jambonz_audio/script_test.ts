/** The jambonz audio socket as a script, without sockets. */
import { assert, assertEquals } from "@std/assert";
import { jambonzAudioWire } from "../../../protocols/jambonz_audio/messages.ts";
import { jambonzAudio } from "../../../protocols/jambonz_audio/session.ts";
import { audioWorld } from "../../support/jambonz_audio.ts";
import { Script } from "../../support/script.ts";
import { toldOf } from "../../support/worlds.ts";

const METADATA = { callSid: "sid-1", sampleRate: 8000, mixType: "mono", tipring: "kept" };
const FRAME = new Uint8Array(320).fill(7);

function opened() {
  const world = audioWorld(["sid-1"]);
  const script = new Script(jambonzAudioWire, jambonzAudio, world);
  return { world, script };
}

async function streaming() {
  const { world, script } = opened();
  await script.hear(METADATA);
  return { world, script };
}

Deno.test("jambonzAudio() streams once the first frame has named a call that wants audio", async () => {
  const { world, script } = opened();
  await script.hear(METADATA);
  assertEquals(toldOf(world.told, "begin"), [[METADATA]]);
  await script.play(FRAME);
  assertEquals(toldOf(world.told, "audio"), [[FRAME]]);
  assertEquals(script.moves, [
    { kind: "move", from: "connected", to: "streaming", on: "metadata" },
  ]);
});

Deno.test("jambonzAudio() closes with 1008 when no app wants the audio", async () => {
  const { script } = opened();
  await script.hear({ ...METADATA, callSid: "sid-2" });
  assertEquals(script.commands.at(-1), {
    kind: "close",
    code: 1008,
    reason: "no app wants the audio of this call",
  });
  assert(script.over);
});

Deno.test("jambonzAudio() closes with 1008 when no first frame arrives", async () => {
  const { script } = opened();
  await script.advance(4999);
  assert(!script.over);
  await script.advance(1);
  assertEquals(script.commands.at(-1), {
    kind: "close",
    code: 1008,
    reason: "no first frame came",
  });
});

Deno.test("jambonzAudio() waits for the first frame from the start, and stops its timer when it arrives", async () => {
  const { script } = opened();
  await script.begin();
  assertEquals(script.timers, ["metadata"]);
  await script.hear(METADATA);
  assertEquals(script.timers, []);
  await script.advance(60_000);
  assert(!script.over, "a call may stream for longer than its first frame may take");
});

Deno.test("jambonzAudio() paces nothing after it has sent disconnect", async () => {
  const { world, script } = await streaming();
  world.owes.push({ items: [{ kind: "frame", bytes: FRAME }], againInMs: 20 });
  await script.notify({ kind: "play_out" });
  assertEquals(script.timers, ["playout"]);
  await script.notify({ kind: "disconnect" });
  assertEquals(script.timers, ["close"]);
});

Deno.test("jambonzAudio() counts messages before the first frame, and a second first frame", async () => {
  const { world, script } = opened();
  await script.play(FRAME);
  await script.hear({ event: "dtmf", dtmf: "5", duration: 1600 });
  await script.hear({ type: "mark", data: { name: "a", event: "playout" } });
  await script.hearText("{");
  await script.hear(METADATA);
  await script.hear(METADATA);
  await script.hear({ type: "playDone", data: { id: "a1" } });
  assertEquals(toldOf(world.told, "unexpected"), [
    ["audio", "connected"],
    ["dtmf", "connected"],
    ["mark", "connected"],
    ["not json", "connected"],
    ["metadata", "streaming"],
    ["playDone", "streaming"],
  ]);
});

Deno.test("jambonzAudio() reports keys and marks", async () => {
  const { world, script } = await streaming();
  await script.hear({ event: "dtmf", dtmf: "#", duration: "1600" });
  await script.hear({ type: "mark", data: { name: "m1", event: "cleared" } });
  assertEquals(toldOf(world.told, "key"), [["#"]]);
  assertEquals(toldOf(world.told, "marked"), [["m1", "cleared"]]);
});

Deno.test("jambonzAudio() plays what is due, and asks again when woken", async () => {
  const { world, script } = await streaming();
  world.owes.push(
    { items: [{ kind: "frame", bytes: FRAME }], againInMs: 20 },
    { items: [{ kind: "mark", name: "m1" }], againInMs: undefined },
  );
  const before = script.commands.length;
  await script.notify({ kind: "play_out" });
  await script.advance(20);
  assertEquals(script.commands.slice(before), [
    { kind: "play", bytes: FRAME },
    { kind: "timer", timer: "playout", afterMs: 20 },
    { kind: "send", message: { type: "mark", data: { name: "m1" } } },
  ]);
});

Deno.test("jambonzAudio() plays what was queued for the socket as soon as it streams", async () => {
  const { world, script } = opened();
  world.owes.push({ items: [{ kind: "frame", bytes: FRAME }], againInMs: undefined });
  await script.notify({ kind: "play_out" });
  assertEquals(script.commands.filter(({ kind }) => kind === "play"), []);
  await script.hear(METADATA);
  assertEquals(script.commands.filter(({ kind }) => kind === "play").length, 1);
});

Deno.test("jambonzAudio() passes the caller's own frame back as the same memory", async () => {
  const { script } = await streaming();
  const [command] = await script.notify({ kind: "pass_back", bytes: FRAME });
  assert(command?.kind === "play" && command.bytes === FRAME);
});

Deno.test("jambonzAudio() interrupts with killAudio and clearMarks", async () => {
  const { world, script } = await streaming();
  world.owes.push({ items: [{ kind: "interruption" }], againInMs: undefined });
  await script.notify({ kind: "play_out" });
  assertEquals(script.said, [{ type: "killAudio" }, { type: "clearMarks" }]);
});

Deno.test("jambonzAudio() sends disconnect, plays nothing more, and closes the socket if it stays open", async () => {
  const { world, script } = await streaming();
  await script.notify({ kind: "disconnect" });
  world.owes.push({ items: [{ kind: "frame", bytes: FRAME }], againInMs: undefined });
  await script.notify({ kind: "play_out" });
  await script.notify({ kind: "pass_back", bytes: FRAME });
  await script.play(FRAME);
  await script.hear({ event: "dtmf", dtmf: "1" });
  assertEquals(script.said, [{ type: "disconnect" }]);
  assertEquals(script.commands.filter(({ kind }) => kind === "play"), []);
  assertEquals(toldOf(world.told, "audio"), []);
  assertEquals(toldOf(world.told, "unexpected"), []);
  await script.advance(2000);
  assertEquals(script.commands.at(-1), {
    kind: "close",
    code: 1000,
    reason: "the call needs no more audio",
  });
});

Deno.test("jambonzAudio() reports how the socket was closed", async () => {
  const { world, script } = await streaming();
  await script.close(1006);
  assertEquals(toldOf(world.told, "closed"), [[1006]]);
  assert(script.over);
});
