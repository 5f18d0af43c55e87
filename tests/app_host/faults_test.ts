/** An app that goes wrong harms its own call only. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { CallEvent } from "../../calls/app.ts";
import { AppEvents } from "../../app_host/app_events.ts";
import { AppFile, frame, Gate, serverWith } from "../support/apps.ts";
import { within } from "../support/arrivals.ts";
import { Client, type Message } from "../support/client.ts";
import { CALLER, inboundCall, JAMBONZ, sessionNew } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

const SORRY = "Sorry, something went wrong. Please call again later.";
const THROWS = `call.answer(); throw new Error("a mistake");`;

async function ring(server: TestServer, sessionId: string): Promise<Client> {
  const line = await Client.open(server.ws("/"));
  line.send({ event: "incoming_call", callerId: CALLER, didNumber: "5000", sessionId });
  return line;
}

/** A call of another app on the same server works. */
async function otherCallsWork(server: TestServer): Promise<void> {
  await using line = await Client.open(server.ws("/"));
  line.send({ event: "incoming_call", callerId: CALLER, didNumber: "echo", sessionId: "other" });
  await line.next({ event: "answer" });
  line.send(frame(3));
  assertEquals(await line.nextAudio(), frame(3));
}

async function notes(server: TestServer, line: "inbound" | "jambonz", id: string) {
  const call = await server.call(line, id, ({ state }) => state === "ended");
  return (await server.record(call)).flatMap(({ type, data }) =>
    type === "note" ? [data.text] : []
  );
}

function serve(app: string, settings: Record<string, string> = {}): Promise<TestServer> {
  return serverWith(app, { settings: { APPS: "inbound:echo=apps/echo.ts", ...settings } });
}

function completed(line: Client): void {
  line.send({
    type: "call:status",
    msgid: "s",
    data: { call_sid: "sid-1", call_status: "completed" },
  });
}

Deno.test("an app that throws ends its inbound call", async () => {
  for (const body of [THROWS, `throw new Error("a mistake");`]) {
    using app = new AppFile(body);
    await using server = await serve(app.path);
    await using line = await ring(server, "throws");
    await line.next({ event: "hangup" });
    await otherCallsWork(server);
    await line.close();
    assertEquals(await notes(server, "inbound", "throws"), ["The app failed: a mistake"]);
    await server.log.next(({ msg }) => msg === "app failed");
  }
});

Deno.test("an app gets a one-line error for an invalid contract", async () => {
  using app = new AppFile(`
    call.answer();
    await call.contracts.create({ transcript: "", parties: [{ phone: "alice", role: "buyer" }] });
  `);
  await using server = await serve(app.path);
  await using line = await ring(server, "wrong");
  await line.next({ event: "hangup" });
  await line.close();
  const [note] = await notes(server, "inbound", "wrong");
  assertMatch(note!, /^The app failed: Cannot open a contract: [^\n{]*parties\.0\.phone: must be/);
});

Deno.test("an app that throws later drops its queued audio and ends its inbound call", async () => {
  using app = new AppFile(`
    call.play(new Uint8Array(320 * 1000));
    for await (const { kind } of call) if (kind === "dtmf") throw new Error("later");
  `);
  await using server = await serve(app.path);
  await using line = await inboundCall(server);
  await line.nextAudio();
  line.send({ event: "dtmf", digit: "1" });
  await line.next({ event: "hangup" });
});

Deno.test("an app that throws apologises on jambonz, at once or later", async () => {
  using app = new AppFile(`
    const { digits } = await call.gather({ say: "Press a key", digits: 1 });
    throw new Error("pressed " + digits);
  `);
  using atOnce = new AppFile(THROWS);
  await using server = await serve(app.path);
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const { data: [gather] } = await line.next({ type: "ack" }) as { data: Message[] } & Message;
  line.send({
    type: "verb:hook",
    msgid: "h",
    call_sid: "sid-1",
    hook: gather!["actionHook"],
    data: { call_sid: "sid-1", digits: "4" },
  });
  const said = await line.next({ type: "ack", msgid: "h" });
  assertEquals(said["data"], [{ verb: "say", text: SORRY }, { verb: "hangup" }]);
  completed(line);
  assertEquals(await notes(server, "jambonz", "sid-1"), ["The app failed: pressed 4"]);
  await using other = await serve(atOnce.path);
  await using first = await Client.open(other.ws("/jambonz"), JAMBONZ);
  first.send(sessionNew());
  assert(JSON.stringify(await first.next({ type: "ack" })).includes(SORRY));
});

Deno.test("an app that fails to load: the server starts, logs it, and refuses its calls", async () => {
  await using server = await serve("apps/none.ts");
  const said = await server.log.next(({ msg }) => msg.startsWith("app does not load"));
  assertEquals([said["file"], said["error"]], [
    "apps/none.ts",
    "Cannot load the app apps/none.ts: there is no such file",
  ]);
  await using line = await ring(server, "refused");
  await line.next({ event: "hangup" });
  assertEquals(line.messages, [{ event: "hangup" }], "never answered");
  await using jambonz = await Client.open(server.ws("/jambonz"), JAMBONZ);
  jambonz.send(sessionNew());
  const { data } = await jambonz.next({ type: "ack", msgid: "new" });
  assertEquals(data, [{ verb: "say", text: SORRY }, { verb: "hangup" }]);
  await otherCallsWork(server);
});

Deno.test("a file without an app does not load", async () => {
  using app = new AppFile("");
  Deno.writeTextFileSync(app.path, "export const app = 1;");
  await using server = await serve(app.path);
  const { error } = await server.log.next(({ msg }) => msg.startsWith("app does not load"));
  assert(JSON.stringify(error).includes("its default export is no function"));
});

Deno.test("an app that imports a missing file is reported in one line, without colours", async () => {
  using app = new AppFile("");
  Deno.writeTextFileSync(app.path, 'import "./not_there.ts";\nexport default () => {};');
  await using server = await serve(app.path, { APP_RELOAD: "yes" });
  const { error } = await server.log.next(({ msg }) => msg.startsWith("app does not load"));
  const missing = app.path.replace(/[^/]*$/, "not_there.ts");
  assertEquals(
    error,
    `Cannot load the app ${app.path}: Module not found "file://${missing}". ` +
      `at file://${app.path}:1:8`,
  );
  await using line = await ring(server, "refused");
  await line.next({ event: "hangup" });
  await line.close();
  assertEquals(await notes(server, "inbound", "refused"), [`The app failed: ${error}`]);
});

Deno.test("an app named without its folder is reported", async () => {
  await using server = await serve("ivr.ts");
  const { error } = await server.log.next(({ msg }) => msg.startsWith("app does not load"));
  assertEquals(error, "Cannot load the app ivr.ts: there is no such file; is it apps/ivr.ts?");
});

Deno.test("an app that never answers rings until its time limit", async () => {
  using app = new AppFile(`for await (const _event of call);`);
  await using server = await serve(app.path, { APP_ANSWERS_WITHIN_MS: "50" });
  await using line = await ring(server, "rings");
  await line.next({ event: "hangup" });
  await line.close();
  await server.log.next(({ msg, level }) => msg === "app did not answer" && level === "warn");
  const call = await server.call("inbound", "rings", ({ state }) => state === "ended");
  assertEquals(call.endedBy, "us");
});

Deno.test("an app that never reads its events buffers no audio, and still receives the end", async () => {
  using over = new Gate();
  using app = new AppFile(`
    call.answer();
    ${over.wait}
    const kinds = [];
    for await (const { kind } of call) kinds.push(kind);
    globalThis.cameTo(kinds);
  `);
  const { promise, resolve } = Promise.withResolvers<string[]>();
  (globalThis as unknown as { cameTo: typeof resolve }).cameTo = resolve;
  await using server = await serve(app.path);
  const line = await inboundCall(server);
  for (let i = 0; i < 80; i++) line.send(frame(i));
  await otherCallsWork(server);
  await line.close();
  const read = await server.log.next(({ msg }) => msg === "app read too little");
  assertEquals([Number(read["audioFrames"]) >= 1, read["otherEvents"]], [true, 0]);
  assertEquals(read["level"], "debug");
  over.open();
  const kinds = await within(promise, () => "the app does not come to the end of its events");
  assertEquals([kinds.length <= 51, kinds.at(-1)], [true, "ended"]);
});

Deno.test("an app that plays forever is ended when too much is queued", async () => {
  using app = new AppFile(`
    call.answer();
    const second = new Uint8Array(16000);
    while (!call.ended) { call.play(second); await null; }
  `);
  await using server = await serve(app.path);
  await using line = await inboundCall(server);
  await line.next({ event: "hangup" });
  await otherCallsWork(server);
  await line.close();
  const [note] = await notes(server, "inbound", "in-1");
  assert(note!.includes("more than 600000 ms would wait"), note);
});

Deno.test("an app that ignores the end of its call is ended with it", async () => {
  using app = new AppFile(`
    const end = await call.play(new Uint8Array(320 * 1000));
    const { by } = await call.gather();
    call.play(new Uint8Array(320)); call.sendDigits("1"); call.hangup(); call.note("late");
    globalThis.cameTo([end, by, call.ended]);
  `);
  const { promise, resolve } = Promise.withResolvers<unknown[]>();
  (globalThis as unknown as { cameTo: typeof resolve }).cameTo = resolve;
  await using server = await serve(app.path);
  const line = await inboundCall(server);
  await line.nextAudio();
  await line.close();
  const end = await within(promise, () => "the app goes on");
  assertEquals(end, ["dropped", "ended", true]);
  assertEquals(await notes(server, "inbound", "in-1"), []);
});

Deno.test("AppEvents drops audio before other events, and bounds those too", async () => {
  const events = new AppEvents();
  events.put({ kind: "dtmf", digit: "1" });
  for (let i = 0; i < 60; i++) events.put({ kind: "audio", bytes: frame(i) });
  for (let i = 0; i < 1010; i++) events.put({ kind: "dtmf", digit: "2" });
  assertEquals(events.dropped, { audioFrames: 10, otherEvents: 11 });
  const first = (await events.next()).value as CallEvent & { kind: "audio" };
  assertEquals(first.bytes, frame(10));
  assertEquals([events.takeEcho(frame(10)), events.takeEcho(first.bytes)], [false, true]);
  assertEquals(events.takeEcho(first.bytes), false, "it is no echo a second time");
  events.put({ kind: "ended", by: "caller" });
  events.put({ kind: "joined" });
  const kinds: string[] = [];
  for await (const { kind } of { [Symbol.asyncIterator]: () => events }) kinds.push(kind);
  assertEquals([kinds.length, kinds.at(-1)], [49 + 999 + 1, "ended"]);
});
