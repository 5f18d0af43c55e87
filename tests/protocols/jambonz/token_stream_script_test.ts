import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FRAME_BYTES } from "../../../protocols/jambonz/verbs.ts";
import { utf8Bytes } from "../../../session/encode.ts";
import { message, talking } from "../../support/jambonz.ts";
import { saidIn } from "../../support/script.ts";
import { toldOf } from "../../support/worlds.ts";

const FLUSH = { type: "command", command: "tts:flush" } as const;
const CLEAR = { type: "command", command: "tts:clear" } as const;

function tokens(id: number, text: string) {
  return { type: "command", command: "tts:tokens", data: { id, tokens: text } } as const;
}

/** A call that speaks by TTS streaming; its stream has not opened. */
async function speaking() {
  const call = await talking();
  let messages = 0;
  const hear = async (type: string, data: object) =>
    saidIn(await call.script.hear(message(type, `t${++messages}`, data)));
  return {
    ...call,
    say: async (text: string) => saidIn(await call.script.notify({ kind: "tokens", text })),
    flush: async () => saidIn(await call.script.notify({ kind: "flush" })),
    clear: async () => saidIn(await call.script.notify({ kind: "clear" })),
    stream: (event: string) => hear("tts:streaming-event", { event_type: event }),
    ok: (id: number) => hear("tts:tokens-result", { id, status: "ok" }),
    failed: (id: number | string, reason?: string) =>
      hear("tts:tokens-result", { id, status: "failed", reason }),
  };
}

async function open() {
  const call = await speaking();
  await call.stream("stream_open");
  call.told.length = 0;
  return call;
}

Deno.test("TokenStream queues tokens until the stream opens, then sends them and their flushes in order", async () => {
  const { script, say, flush, stream } = await speaking();
  assertEquals(await say("One"), []);
  assertEquals(await flush(), []);
  assertEquals(await say("two"), []);
  assertEquals(await stream("stream_open"), [tokens(1, "One"), FLUSH, tokens(2, "two")]);
  assertEquals(await say("three"), [tokens(3, "three")]);
  assertEquals(await flush(), [FLUSH]);
  await script.close(1006);
});

Deno.test("TokenStream queues tokens while the stream is paused, and sends them when it resumes", async () => {
  const { script, say, flush, stream, ok } = await open();
  assertEquals(await say("a"), [tokens(1, "a")]);
  assertEquals(await stream("stream_paused"), []);
  assertEquals(await ok(1), []);
  assertEquals(await say("b"), []);
  assertEquals(await flush(), []);
  assertEquals(await say("c"), []);
  assertEquals(await stream("stream_resumed"), [tokens(2, "b"), FLUSH, tokens(3, "c")]);
  await script.close(1006);
});

Deno.test("TokenStream resends tokens refused as full after stream_resumed, before newer ones", async () => {
  const { script, told, say, stream, failed } = await open();
  await say("a");
  await say("b");
  assertEquals(await failed(2, "full"), []);
  assertEquals(await say("c"), [], "full is a pause, said or not");
  assertEquals(await stream("stream_resumed"), [tokens(2, "b"), tokens(3, "c")]);
  assertEquals(toldOf(told, "fault"), []);
  await script.close(1006);
});

Deno.test("TokenStream matches results by id: refused tokens keep their order, whatever the order of results", async () => {
  const { script, say, stream, failed, ok } = await open();
  for (const text of ["a", "b", "c", "d"]) await say(text);
  await failed(3, "full");
  await failed(1, "buffer full");
  await ok(4);
  await failed("2", "Full");
  assertEquals(await stream("stream_resumed"), [tokens(1, "a"), tokens(2, "b"), tokens(3, "c")]);
  await script.close(1006);
});

Deno.test("TokenStream flushes refused tokens again if their flush was already sent", async () => {
  const { script, say, flush, stream, failed } = await open();
  await say("a");
  await flush();
  await say("b");
  await failed(2, "full");
  await failed(1, "full");
  assertEquals(await stream("stream_resumed"), [tokens(1, "a"), FLUSH, tokens(2, "b")]);
  await say("c");
  await flush();
  await failed(3, "full");
  assertEquals(await stream("stream_resumed"), [tokens(3, "c"), FLUSH]);
  await script.close(1006);
});

Deno.test("TokenStream sends refused tokens before a flush that was requested after them", async () => {
  const { script, say, flush, stream, failed } = await open();
  await say("a");
  await stream("stream_paused");
  await flush();
  await failed(1, "full");
  await say("b");
  assertEquals(await stream("stream_resumed"), [tokens(1, "a"), FLUSH, tokens(2, "b")]);
  await script.close(1006);
});

Deno.test("TokenStream reports tokens that fail for another reason, and does not resend them", async () => {
  const { script, told, say, stream, failed } = await open();
  await say("a");
  await say("b");
  assertEquals(await failed(1, "missing tokens"), []);
  assertEquals(await failed(2), []);
  assertEquals(toldOf(told, "fault"), [
    ["Cannot speak tokens 1: missing tokens"],
    ["Cannot speak tokens 2: no reason given"],
  ]);
  assertEquals(await stream("stream_resumed"), []);
  await script.close(1006);
});

Deno.test("TokenStream ignores a result for unknown tokens, and a second one", async () => {
  const { script, told, say, stream, ok, failed } = await open();
  await say("a");
  await ok(1);
  await failed(1, "full");
  await failed(99, "full");
  await failed("not a number", "full");
  await ok(7);
  assertEquals(await stream("stream_resumed"), []);
  assertEquals(toldOf(told, "fault"), []);
  await script.close(1006);
});

Deno.test("TokenStream drops its queue when the caller interrupts, and speaks what follows", async () => {
  const { script, say, flush, stream, failed } = await open();
  await say("sent");
  await stream("stream_paused");
  await say("waits");
  await flush();
  assertEquals(await stream("user_interruption"), []);
  await failed(1, "full");
  assertEquals(await say("new"), [tokens(3, "new")]);
  await script.close(1006);
});

Deno.test("TokenStream.clear() drops the queue here and at jambonz, or only here if no stream is open", async () => {
  const { script, say, clear, stream } = await speaking();
  await say("a");
  assertEquals(await clear(), []);
  assertEquals(await stream("stream_open"), []);
  await say("b");
  await stream("stream_paused");
  await say("c");
  assertEquals(await clear(), [CLEAR]);
  assertEquals(await stream("stream_resumed"), []);
  await script.close(1006);
});

for (const [what, room] of [["clear", "clear"], ["an interruption", "user_interruption"]]) {
  Deno.test(`TokenStream sends again after ${what}: jambonz has room, and does not report it`, async () => {
    const { script, say, clear, stream, failed } = await open();
    await say("a");
    await stream("stream_paused");
    await failed(1, "full");
    await (room === "clear" ? clear() : stream(room!));
    assertEquals(await say("b"), [tokens(2, "b")]);
    await script.close(1006);
  });
}

Deno.test("TokenStream queues again when the stream has closed", async () => {
  const { script, say, stream } = await open();
  await stream("stream_closed");
  assertEquals(await say("a"), []);
  assertEquals(await stream("stream_open"), [tokens(1, "a")]);
  await script.close(1006);
});

Deno.test("TokenStream does not speak tokens of a closed stream on the next one", async () => {
  const { script, say, stream, failed } = await open();
  await say("a");
  await stream("stream_closed");
  await stream("stream_open");
  await failed(1, "full");
  assertEquals(await say("b"), [tokens(2, "b")]);
  assertEquals(await stream("stream_resumed"), []);
  await script.close(1006);
});

Deno.test("TokenStream ignores an unknown streaming event", async () => {
  const { script, say, stream } = await open();
  assertEquals(await stream("stream_sneezed"), []);
  assertEquals(await say("a"), [tokens(1, "a")]);
  await script.close(1006);
});

Deno.test("TokenStream splits long text into frames, never within a character", async () => {
  const { script, say } = await open();
  for (
    const text of [
      "x".repeat(10_000),
      "😀".repeat(3000),
      "\u0001".repeat(9000),
      "\ufeffa€".repeat(2000),
    ]
  ) {
    const said = await say(text);
    assert(said.length > 1);
    const parts = said.map((command) => {
      assert("command" in command && command.command === "tts:tokens");
      assert(utf8Bytes(JSON.stringify(command)) <= FRAME_BYTES);
      assert(command.data.tokens.length <= 1000, "jambonz always refuses a longer piece");
      return command.data.tokens;
    });
    assertEquals(parts.join("") === text, true, "nothing is lost and nothing comes twice");
    assert(parts.every((part) => part.isWellFormed()));
  }
  await script.close(1006);
});

Deno.test("TokenStream tells an application that it writes faster than speech", async () => {
  const { script, told, say, stream } = await speaking();
  const kib = "x".repeat(1024);
  for (let count = 0; count < 1024; count++) await say(kib);
  assertEquals(toldOf(told, "fault"), []);
  await say("x");
  const [[fault]] = toldOf(told, "fault") as [[string]];
  assertStringIncludes(fault, "Cannot queue tokens: more than 1048576 bytes would wait");
  assertEquals((await stream("stream_open")).length, 2048, "pieces of 800 and of 224");
  assertEquals((await say("x")).length, 1, "there is room again");
  await script.close(1006);
});

Deno.test("TokenStream does not send empty text, and passes streaming events to the application", async () => {
  const { script, told, say, stream } = await open();
  assertEquals(await say(""), []);
  await stream("user_interruption");
  assertEquals(toldOf(told, "tell"), [[{
    type: "tts:streaming-event",
    hook: undefined,
    data: { event_type: "user_interruption" },
  }]]);
  await script.close(1006);
});
