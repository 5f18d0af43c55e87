import { assert, assertEquals } from "@std/assert";
import { jambonzAudioWire } from "../../../protocols/jambonz_audio/messages.ts";
import { jambonzWire } from "../../../protocols/jambonz/messages.ts";
import { decode } from "../../../session/wire.ts";
import { acked, CALL, connected, HELLO } from "../../support/jambonz.ts";
import { toldOf } from "../../support/worlds.ts";

/** Genuine frames as a jambonz feature server sent them, one a line. */
const LINES = (await Deno.readTextFile(new URL("../../data/jambonz_frames.jsonl", import.meta.url)))
  .trim().split("\n");

/** Frames of the audio socket, which is a separate door: they are not on this wire. */
const AUDIO_LINES = [14, 15, 16, 17];

const ACKED = [
  "session:new",
  "session:redirect",
  "session:reconnect",
  "session:adulting",
  "dial:confirm",
  "verb:hook",
];

interface Frame {
  readonly line: number;
  readonly type: string;
  readonly msgid: string;
  readonly call_sid?: string;
  readonly data: Record<string, unknown>;
}

const FRAMES: Frame[] = LINES
  .map((text, at) => ({ ...JSON.parse(text), line: at + 1 }))
  .filter(({ line }) => !AUDIO_LINES.includes(line));

Deno.test("jambonz() recognises every captured frame, except those of the audio socket", () => {
  const refused = LINES.flatMap((text, at) => {
    const { kind } = decode(jambonzWire, text);
    return kind === "message" ? [] : [at + 1];
  });
  assertEquals(refused, AUDIO_LINES);
});

Deno.test("jambonzAudio() recognises every captured frame of the audio socket, without loss", () => {
  for (const line of AUDIO_LINES) {
    const event = decode(jambonzAudioWire, LINES[line - 1]!);
    assert(event.kind === "message", `line ${line}`);
    assertEquals(event.message, JSON.parse(LINES[line - 1]!), `line ${line}`);
  }
});

Deno.test("jambonz() loses no data of a captured frame", () => {
  for (const { line, data } of FRAMES) {
    const event = decode(jambonzWire, LINES[line - 1]!);
    assert(event.kind === "message");
    assertEquals(event.message.data, data, `line ${line}`);
  }
});

Deno.test("the captured frames contain every type that is acked", () => {
  const types = new Set(FRAMES.map(({ type }) => type));
  assertEquals(ACKED.filter((type) => !types.has(type)), []);
});

for (const { line, type, msgid, call_sid, data } of FRAMES) {
  const times = ACKED.includes(type) ? 1 : 0;
  Deno.test(`the captured ${type} on line ${line} is acked ${times ? "once" : "never"}`, async () => {
    const call = connected();
    const { script } = call;
    if (!type.startsWith("session:")) {
      const first = { ...CALL, call_sid: call_sid ?? data["call_sid"] };
      await script.hear({ type: "session:new", msgid: "first", call_sid, data: first });
      await script.notify({ kind: "recorded" });
      await call.answer("first", HELLO);
    }
    await script.hearText(LINES[line - 1]!);
    if (type.startsWith("session:")) await script.notify({ kind: "recorded" });
    await call.answer(msgid, HELLO);
    await script.advance(60_000);
    if (!script.over) await script.close(1006);
    assertEquals(acked(call).filter((id) => id === msgid).length, times);
    assertEquals(toldOf(call.told, "fault"), []);
    assertEquals(toldOf(call.told, "unexpected"), []);
  });
}

Deno.test("the captured call on the first lines plays from its session:new to its last hook", async () => {
  const [first] = FRAMES;
  const frames = FRAMES.filter(({ call_sid }) => call_sid === first?.call_sid);
  const call = connected();
  for (const { line, type, msgid } of frames) {
    await call.script.hearText(LINES[line - 1]!);
    if (type === "session:new") {
      await call.script.notify({ kind: "recorded" });
      await call.answer(msgid, HELLO);
    }
  }
  await call.script.advance(5000);
  assert(call.script.over, "the call was completed");
  const due = frames.filter(({ type }) => ACKED.includes(type)).map(({ msgid }) => msgid);
  assertEquals(acked(call), due, "the hook after completed too");
  assertEquals(toldOf(call.told, "answered").length, 1);
  assertEquals(toldOf(call.told, "ended"), [["caller", "completed"]]);
  assertEquals(toldOf(call.told, "transcript"), [["assistant", "Hello"], ["assistant", "Hi"]]);
  assertEquals(call.script.commands.at(-1), {
    kind: "close",
    code: 1000,
    reason: "the call is over",
  });
});
