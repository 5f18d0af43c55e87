/** An app that never stops blocks nobody else. */
import { assertEquals } from "@std/assert";
import { SlowAnswers } from "../../app_host/slow_answers.ts";
import { AppFile, frame, serverWith } from "../support/apps.ts";
import { within } from "../support/arrivals.ts";
import { Client } from "../support/client.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { audioSocket } from "../support/jambonz_audio.ts";
import { inboundCall, jambonzCall, said } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

/** A server whose other calls are echoed. */
function serve(app: string): Promise<TestServer> {
  return serverWith(app, { settings: { APPS: "inbound:echo=apps/echo.ts" } });
}

/** Another call works. */
async function otherCallsWork(server: TestServer): Promise<void> {
  await using line = await Client.open(server.ws("/"));
  line.send({ event: "incoming_call", callerId: "1", didNumber: "echo", sessionId: "other" });
  await line.next({ event: "answer" });
  line.send(frame(3));
  assertEquals(await line.nextAudio(), frame(3));
}

const ENDLESS: [what: string, body: string][] = [
  ["plays", `while (true) await call.play(new Uint8Array(320));`],
  ["gathers", `while (true) await call.gather({ digits: 1 });`],
  ["gathers behind a prompt", `while (true) await call.gather({ play: new Uint8Array(320) });`],
  ["reads", `const events = call[Symbol.asyncIterator](); while (true) await events.next();`],
];

for (const [what, body] of ENDLESS) {
  Deno.test(`ugly apps: one that ${what} forever is abandoned when its call is over`, async () => {
    using app = new AppFile(`call.answer(); ${body}`);
    await using server = await serve(app.path);
    const inbound = await inboundCall(server);
    await inbound.close();
    await server.log.next(({ msg }) => msg === "app goes on after its call");
    const jambonz = await jambonzCall(server);
    const audio = await audioSocket(server);
    jambonz.send(said("call:status", "over", { call_status: "completed" }));
    await server.log.next(({ msg }) => msg === "app goes on after its call");
    await otherCallsWork(server);
    await audio.close();
    await jambonz.close();
  });
}

Deno.test("ugly apps: one that plays the same frame forever is paced, on either line", async () => {
  using app = new AppFile(`
    call.answer();
    const { value: { bytes } } = await call[Symbol.asyncIterator]().next();
    while (!call.ended) await call.play(bytes);
  `);
  await using server = await serve(app.path);
  const inbound = await inboundCall(server);
  const jambonz = await jambonzCall(server);
  const audio = await audioSocket(server);
  for (const line of [inbound, audio]) {
    line.send(frame(1));
    for (let heard = 0; heard < 10; heard++) await line.nextAudio();
    await otherCallsWork(server);
    assertEquals((await line.close()).code, 1000, "it has not flooded its own call");
  }
  jambonz.send(said("call:status", "over", { call_status: "completed" }));
  await server.call("jambonz", "sid-1", ({ state }) => state === "ended");
  await jambonz.close();
});

/** Ten minutes in pieces of 20 ms, and their results. */
const PIECES = `
  const pieces = Array.from({ length: 30_000 }, (_, i) => call.play(new Uint8Array(320).fill(i % 251)));
  await pieces[2];
  call.interrupt();
  const last = call.play(new Uint8Array(320).fill(254));
  const ends = await Promise.all(pieces);
  call.note([ends[2], ends.at(-1), await last].join());
`;

async function notes(server: TestServer, line: "inbound" | "jambonz", id: string) {
  const call = await server.call(line, id, ({ state }) => state === "ended");
  return (await server.record(call)).flatMap(({ type, data }) =>
    type === "note" ? [data.text] : []
  );
}

Deno.test("ugly apps: one that plays ten minutes in thirty thousand pieces is heard, inbound", async () => {
  using app = new AppFile(`call.answer(); ${PIECES}`);
  await using server = await serve(app.path);
  const line = await inboundCall(server);
  for (const number of [0, 1, 2]) assertEquals(await line.nextAudio(), frame(number));
  await otherCallsWork(server);
  await line.next({ event: "hangup" });
  assertEquals((line.frames.all.findLast((frame) => frame instanceof Uint8Array)!)[0], 254);
  await line.close();
  assertEquals(await notes(server, "inbound", "in-1"), ["heard,dropped,heard"]);
});

Deno.test("ugly apps: one that plays ten minutes in thirty thousand pieces is heard, jambonz", async () => {
  using app = new AppFile(
    `
    call.answer();
    for await (const { kind } of call) if (kind === "dtmf") break;
    ${PIECES}
  `,
  );
  await using server = await serve(app.path);
  const line = await jambonzCall(server);
  const audio = await audioSocket(server);
  audio.send({ event: "dtmf", dtmf: "1" });
  for (const number of [0, 1, 2]) assertEquals(await audio.nextAudio(), frame(number));
  audio.send({ type: "mark", data: { name: "3", event: "playout" } });
  await otherCallsWork(server);
  await audio.next({ type: "clearMarks" });
  assertEquals((await audio.nextAudio())[0], 254);
  const { data } = await audio.next({ type: "mark" }) as { data: { name: string } };
  audio.send({ type: "mark", data: { ...data, event: "playout" } });
  await line.next({ command: "redirect" });
  line.send(said("call:status", "over", { call_status: "completed" }));
  assertEquals(await notes(server, "jambonz", "sid-1"), ["heard,dropped,heard"]);
  await line.close();
  await audio.close();
});

Deno.test("SlowAnswers answers after a pause, at once when the call is over, and finally never", async () => {
  using clock = new FakeClock();
  const stopping = new AbortController();
  let left = 0;
  const answers = new SlowAnswers(stopping.signal, () => left++);
  const answered: string[] = [];
  const paused = answers.answer("a").then((answer) => answered.push(answer));
  clock.advance(19);
  await settled();
  assertEquals(answered, []);
  clock.advance(1);
  await within(paused, () => "the answer does not come after its pause");
  assertEquals(answered, ["a"]);
  const waiting = answers.answer("c");
  stopping.abort();
  assertEquals(await within(waiting, () => "the end of the call is no answer"), "c");
  for (let asked = 0; asked < 1000; asked++) assertEquals(await answers.answer(asked), asked);
  assertEquals(left, 0);
  for (let asked = 0; asked < 2; asked++) answers.answer("d").then((d) => answered.push(d));
  clock.advance(86_400_000);
  await settled();
  assertEquals([left, answered], [1, ["a"]]);
});

/** Resolves when every promise that nothing holds up was followed. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await Promise.resolve();
}
