/** Recordings over REST: start, stop, fetch, and every refusal. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { within } from "../../support/arrivals.ts";
import { answerTo } from "../../support/http.ts";
import { frames, RecordingsFolder, said, voice } from "../../support/recorded.ts";
import { type LiveCall, refused, RestServer, wrongFields } from "../../support/rest.ts";

const SAID = voice(200);

/** The caller's audio, which is echoed. */
async function say(live: LiveCall, samples: Int16Array<ArrayBuffer>): Promise<void> {
  for (const frame of frames(samples)) {
    live.line.send(frame);
    await live.line.nextAudio();
  }
}

function post(rest: RestServer, live: LiveCall, action: string) {
  return rest.ask("POST", `${live.path}/recording`, { action });
}

/** A call whose recording is over. */
async function recorded(rest: RestServer): Promise<{ path: string; id: string }> {
  await using live = await rest.inboundCall();
  await post(rest, live, "start");
  await say(live, SAID);
  await post(rest, live, "stop");
  return { path: rest.url(`/api/v1${live.path}/recording`), id: live.call.id };
}

Deno.test("POST /recording starts and stops it, and answers once that is on disk", async () => {
  using folder = new RecordingsFolder();
  await using rest = await RestServer.start(folder.settings);
  await using live = await rest.inboundCall();
  await say(live, voice(100, 10_000));
  const started = await post(rest, live, "start");
  assertEquals([started.status, started.body], [
    202,
    { accepted: true, call_id: live.call.id, action: "start" },
  ]);
  assertEquals((await live.record()).at(-1), ["recording_started", {}]);
  assertEquals((await post(rest, live, "start")).status, 202, "it runs already");
  await say(live, SAID);
  assertEquals((await rest.ask("GET", live.path)).body.recording, "on");
  assertEquals((await post(rest, live, "stop")).status, 202);
  assertEquals((await rest.ask("GET", live.path)).body.recording, "over");
  await say(live, voice(100, 10_000));
  const response = await answerTo(rest.url(`/api/v1${live.path}/recording`));
  const wav = await response.bytes();
  assertEquals(said(wav), { left: [...SAID], right: [...SAID] });
  const [type, data] = (await live.record()).at(-1)!;
  const durationMs = Math.round((wav.length - 44) / 32);
  assertEquals([type, data], [
    "recording_ended",
    { durationMs, bytes: wav.length, reason: "asked to stop" },
  ]);
});

Deno.test("POST /recording refuses impossible requests", async () => {
  using folder = new RecordingsFolder();
  await using rest = await RestServer.start(folder.settings);
  await using live = await rest.inboundCall();
  refused(await post(rest, live, "stop"), 409, "it is not being recorded");
  assertEquals(wrongFields(await post(rest, live, "pause")), ["action"]);
  await post(rest, live, "start");
  await post(rest, live, "stop");
  refused(await post(rest, live, "stop"), 409, "it is not being recorded");
  refused(await post(rest, live, "start"), 409, "again: its recording is over");
  refused(await rest.ask("POST", "/calls/nobody/recording", { action: "start" }), 404, "nobody");
  await live.end();
  refused(await post(rest, live, "start"), 409, "it is over");
});

Deno.test("POST /recording answers 503 when no file can be written, and the call continues", async () => {
  using folder = new RecordingsFolder();
  const file = `${folder.path}/a file`;
  await Deno.writeTextFile(file, "");
  await using rest = await RestServer.start({ RECORDINGS: `${file}/below` });
  await using live = await rest.inboundCall();
  refused(await post(rest, live, "start"), 503, "Cannot make the file: Not a directory");
  await say(live, SAID);
  await rest.server.services.calls.settled();
  const [type, data] = (await live.record()).at(-1)!;
  assertEquals(type, "recording_ended");
  assertMatch((data as { reason: string }).reason, /^Cannot make the file: Not a directory/);
});

Deno.test("GET /recording serves ranges, and 304 when nothing changed", async () => {
  using folder = new RecordingsFolder();
  await using rest = await RestServer.start(folder.settings);
  const { path, id } = await recorded(rest);
  const whole = await answerTo(path);
  const { headers } = whole;
  const wav = await whole.bytes();
  assertEquals(headers.get("content-length"), `${wav.length}`);
  assertEquals(headers.get("accept-ranges"), "bytes");
  assertEquals(headers.get("content-disposition"), `attachment; filename="${id}.wav"`);
  assert(headers.has("x-request-id"));

  const part = await answerTo(path, { headers: { range: "bytes=4-99" } });
  assertEquals(part.status, 206);
  assertEquals(part.headers.get("content-range"), `bytes 4-99/${wav.length}`);
  assertEquals(await part.bytes(), wav.subarray(4, 100));

  const known = { "if-none-match": headers.get("etag")! };
  const same = await answerTo(path, { headers: known });
  assertEquals([same.status, await same.text()], [304, ""]);

  const head = await answerTo(path, { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  assertEquals(head.headers.get("content-length"), `${wav.length}`);
  assertEquals(head.headers.get("content-type"), "audio/wav");

  const beyond = { range: `bytes=${wav.length}-` };
  const answer = await rest.ask("GET", `/calls/${id}/recording`, undefined, beyond);
  refused(answer, 416, "no such range");
  assertEquals(answer.headers.get("content-range"), `bytes */${wav.length}`);
});

Deno.test("GET /recording refuses a missing or unfinished recording", async () => {
  using folder = new RecordingsFolder();
  await using rest = await RestServer.start(folder.settings);
  await using live = await rest.inboundCall();
  const get = () => rest.ask("GET", `${live.path}/recording`);
  refused(await rest.ask("GET", "/calls/nobody/recording"), 404, "no such call");
  refused(await get(), 404, "it was never recorded");
  await post(rest, live, "start");
  const early = await get();
  refused(early, 409, "it is being recorded");
  assertEquals(early.headers.get("retry-after"), "5");
  await post(rest, live, "stop");
  assertEquals((await get()).status, 200);
  await Deno.remove(folder.file(live.call.id));
  refused(await get(), 404, "its file is missing");
  await Deno.mkdir(folder.file(live.call.id));
  refused(await get(), 404, "its file is missing");
  await Deno.remove(folder.file(live.call.id));
  // A link to itself: no user can read it.
  await Deno.symlink(folder.file(live.call.id), folder.file(live.call.id));
  refused(await get(), 404, "its file is missing");
  assertEquals(rest.logged.map(({ level, msg }) => [level, msg]), [
    ["warn", "recording has no file"],
    ["warn", "recording has no file"],
    ["error", "recording cannot be read"],
  ]);
});

Deno.test("GET and POST /recording require a key where keys are set", async () => {
  using folder = new RecordingsFolder();
  await using rest = await RestServer.start({ ...folder.settings, API_KEYS: "secret" });
  refused(await rest.ask("GET", "/calls/a/recording"), 401);
  refused(await rest.ask("POST", "/calls/a/recording", { action: "start" }), 401);
  const key = { authorization: "Bearer secret" };
  refused(await rest.ask("GET", "/calls/a/recording", undefined, key), 404);
});

Deno.test("the end of a recording follows the CDR in the event log", async () => {
  using folder = new RecordingsFolder();
  await using rest = await RestServer.start(folder.settings);
  await using live = await rest.inboundCall();
  await post(rest, live, "start");
  await say(live, SAID);
  const { tail } = rest.server.services;
  const { promise, resolve } = Promise.withResolvers<string | null>();
  using _listening = tail.listen((events) => {
    const ended = events.find(({ type }) => type === "recording_ended");
    if (ended !== undefined) resolve(ended.callId);
  });
  await live.end();
  assertEquals(await within(promise, () => "no recording has ended"), live.call.id);
  assertEquals((await rest.ask("GET", `${live.path}/recording`)).status, 200);
});
