import { assertEquals, assertRejects } from "@std/assert";
import type { NewRecordEvent } from "../../calls/call_record.ts";
import { CallWriter } from "../../calls/writer.ts";
import { SEED, testCalls } from "../support/calls.ts";

const ANSWERED: NewRecordEvent = { type: "answered", actor: "us", data: {} };

function note(text: string): NewRecordEvent {
  return { type: "note", actor: "us", data: { text } };
}

function writing() {
  const parts = testCalls();
  const stopping = new AbortController();
  const failed = (error: unknown) => void parts.failures.push(error);
  const writer = new CallWriter(parts.calls, failed, stopping.signal);
  const types = () => parts.calls.events(writer.call!.id).map(({ type }) => type);
  return { ...parts, writer, types };
}

Deno.test("CallWriter writes in order, starting before the record is open", async () => {
  const { writer, store, types } = writing();
  store.hold();
  const begun = writer.begin(SEED);
  writer.write(() => ANSWERED);
  writer.write(() => note("a"));
  assertEquals(writer.call, undefined);
  store.release();
  const call = await begun;
  await writer.settled;
  assertEquals(writer.call?.id, call.id);
  assertEquals(types(), ["started", "answered", "note"]);
});

Deno.test("CallWriter builds each event from the call as it is after all earlier writes", async () => {
  const { writer, types } = writing();
  const states: string[] = [];
  await writer.begin(SEED);
  for (const event of [ANSWERED, note("a"), undefined, note("b")]) {
    writer.write((call) => {
      states.push(`${call.state} ${call.lastSeq}`);
      return event;
    });
  }
  await writer.settled;
  assertEquals(states, ["ringing 1", "answered 2", "answered 3", "answered 3"]);
  assertEquals(types(), ["started", "answered", "note", "note"]);
});

Deno.test("CallWriter reports a failed write and continues with the next", async () => {
  const { writer, store, failures, types } = writing();
  await writer.begin(SEED);
  const error = new Error("disk full");
  store.failNext(error);
  writer.write(() => note("lost"));
  writer.write(() => {
    throw new TypeError("our own bug");
  });
  writer.write(() => note("kept"));
  await writer.settled;
  assertEquals(failures.length, 2);
  assertEquals(failures[0], error);
  assertEquals(types(), ["started", "note"]);
});

Deno.test("CallWriter writes nothing if the record could not be opened", async () => {
  const { writer, store, failures } = writing();
  store.failNext(new Error("disk full"));
  const begun = writer.begin(SEED);
  writer.write(() => ANSWERED);
  await assertRejects(() => begun, Error, "disk full");
  await writer.settled;
  assertEquals(writer.call, undefined);
  assertEquals(
    [failures, store.kept],
    [[], []],
    "the one who began it has been told",
  );
});

Deno.test("CallWriter continues in a record that is already open", async () => {
  const { writer, calls, types } = writing();
  writer.resume(await calls.begin(SEED));
  writer.write(() => ANSWERED);
  await writer.settled;
  assertEquals(types(), ["started", "answered"]);
});
