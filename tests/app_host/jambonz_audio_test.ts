/** When an app's call asks jambonz for its audio. */
import { assertEquals } from "@std/assert";
import type { JambonzAudioNotice } from "../../protocols/jambonz_audio/ports.ts";
import { JambonzCallAudio } from "../../app_host/jambonz/jambonz_call_audio.ts";
import type { Session } from "../../session/session.ts";
import { Arrivals } from "../support/arrivals.ts";

const TIMES = { openWithinMs: 5, againAfterMs: 1, steadyMs: Infinity };
const METADATA = { callSid: "sid-1", sampleRate: 8000 } as const;

function audio(times = TIMES) {
  const told = new Arrivals<string>();
  const stopping = new AbortController();
  const call = new JambonzCallAudio(
    {
      open: () => told.push("open"),
      audio: ({ length }) => told.push(`audio ${length}`),
      key: (digit) => told.push(`key ${digit}`),
      played: (name) => told.push(`played ${name}`),
      failed: (why) => told.push(why),
    },
    stopping.signal,
    times,
  );
  return { call, told, stopping };
}

function session(): { session: Session<JambonzAudioNotice>; notices: string[] } {
  const notices: string[] = [];
  return {
    notices,
    session: {
      id: "s1",
      door: "jambonz audio",
      ended: Promise.resolve(),
      takesMore: true,
      notify: ({ kind }) => notices.push(kind) > 0,
      notifyAudio: ({ kind }) => notices.push(kind) > 0,
      hangUp: (code) => void notices.push(`hang up ${code}`),
    },
  };
}

const SLOW = { openWithinMs: 60_000, againAfterMs: 60_000, steadyMs: Infinity };

Deno.test("JambonzCallAudio requests a socket once, and not while it has one", () => {
  const { call, told } = audio(SLOW);
  call.want();
  call.want();
  assertEquals(told.all, ["open"]);
  call.begin(METADATA, session().session);
  call.want();
  assertEquals(told.all, ["open"]);
  call.end();
});

Deno.test("JambonzCallAudio drops audio queued for a socket that never opens, and can request again", async () => {
  const { call, told } = audio();
  const end = call.play(new Uint8Array(320), "a");
  await told.next((line) => line === "jambonz has opened no socket for audio");
  assertEquals(await end, "dropped");
  call.want();
  assertEquals(told.all.filter((line) => line === "open").length, 2);
  call.end();
});

Deno.test("JambonzCallAudio gives up a socket that is lost repeatedly", async () => {
  const { call, told } = audio();
  call.want();
  for (let lost = 0; lost < 5; lost++) {
    await told.next((line) => line === "open");
    call.begin(METADATA, session().session).closed(1006);
  }
  await told.next((line) => line === "The audio was asked for 5 times, and is given up");
  assertEquals(call.play(new Uint8Array(320), "a"), undefined);
  call.want();
  for (let lost = 0; lost < 3; lost++) call.begin(METADATA, session().session)!.closed(1006);
  assertEquals(told.all.filter((line) => line.startsWith("The audio was asked")).length, 1);
  call.end();
});

Deno.test("JambonzCallAudio gives up a socket that never opens", async () => {
  const { call, told } = audio();
  for (let asked = 0; asked < 5; asked++) {
    call.want();
    await told.next((line) => line === "jambonz has opened no socket for audio");
  }
  await told.next((line) => line === "The audio was asked for 5 times, and is given up");
  assertEquals(call.play(new Uint8Array(320), "a"), undefined);
  call.end();
});

Deno.test("JambonzCallAudio does not count a socket that was open for long", async () => {
  const { call, told } = audio({ ...TIMES, openWithinMs: 60_000, steadyMs: 0 });
  call.want();
  for (let lost = 0; lost < 7; lost++) {
    await told.next((line) => line === "open");
    call.begin(METADATA, session().session).closed(1006);
  }
  await told.next((line) => line === "open");
  call.end();
});

Deno.test("JambonzCallAudio does not reopen a socket that jambonz closed with 1000", () => {
  const { call, told } = audio(SLOW);
  call.want();
  call.begin(METADATA, session().session).closed(1000);
  call.end();
  assertEquals(told.all, ["open"]);
});

Deno.test("JambonzCallAudio drops queued audio when its socket is lost, and when the call ends", async () => {
  const { call } = audio(SLOW);
  const one = call.play(new Uint8Array(320), "a");
  call.begin(METADATA, session().session).closed(1006);
  assertEquals(await one, "dropped");
  const two = call.play(new Uint8Array(320), "b");
  const next = session();
  call.begin(METADATA, next.session);
  call.end();
  assertEquals(await two, "dropped");
  assertEquals(next.notices, ["disconnect"]);
});

Deno.test("JambonzCallAudio interrupts the far end only while something is playing", () => {
  const { call } = audio(SLOW);
  const { session: open, notices } = session();
  call.want();
  const { playout } = call.begin(METADATA, open);
  call.clear();
  assertEquals(notices, []);
  call.play(new Uint8Array(320), "a");
  call.clear();
  call.play(new Uint8Array(320), "b");
  assertEquals(notices, ["play_out", "play_out", "play_out"]);
  assertEquals(playout.due().items.map(({ kind }) => kind).slice(0, 2), ["interruption", "frame"]);
  call.end();
});

Deno.test("JambonzCallAudio wakes the socket once for any number of pieces", () => {
  const { call } = audio(SLOW);
  const { session: open, notices } = session();
  call.want();
  const { playout } = call.begin(METADATA, open);
  for (let n = 0; n < 3000; n++) call.play(new Uint8Array(320), "a");
  assertEquals(notices, ["play_out"]);
  assertEquals(playout.due().items.filter(({ kind }) => kind === "frame").length, 13);
  call.play(new Uint8Array(320), "b");
  assertEquals(notices, ["play_out"], "it asks again by itself while anything waits");
  call.end();
});

Deno.test("JambonzCallAudio ends when the server stops", () => {
  const { call, stopping } = audio(SLOW);
  call.want();
  stopping.abort();
  const late = session();
  call.begin(METADATA, late.session);
  assertEquals(late.notices, ["disconnect"]);
});

Deno.test("JambonzCallAudio closes a socket that opens too late", () => {
  const { call, told } = audio(SLOW);
  call.want();
  call.end();
  const late = session();
  const unheard = call.begin(METADATA, late.session);
  assertEquals(late.notices, ["disconnect"]);
  unheard.audio(new Uint8Array(320));
  unheard.key("1");
  unheard.closed(1006);
  assertEquals(unheard.playout.due(), { items: [], againInMs: undefined });
  assertEquals(call.play(new Uint8Array(2), "a"), undefined);
  assertEquals(told.all, ["open"]);
});
