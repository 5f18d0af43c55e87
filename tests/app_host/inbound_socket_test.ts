/** Call apps on the inbound line, over real sockets. */
import { assert, assertEquals } from "@std/assert";
import { AppFile, frame, serverWith } from "../support/apps.ts";
import { Client } from "../support/client.ts";
import { CALLER, inboundCall } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

const OVER = { event: "hangup" };

/** The record, as types and the texts of notes. */
async function record(server: TestServer, sessionId = "in-1"): Promise<string[]> {
  const call = await server.call("inbound", sessionId, ({ state }) => state === "ended");
  const events = await server.record(call);
  return events.map((event) => event.type === "note" ? event.data.text : event.type);
}

Deno.test("echo: every frame is returned unchanged, and # ends the call", async () => {
  await using server = await serverWith("apps/echo.ts");
  await using line = await inboundCall(server);
  for (const size of [320, 160, 2560, 7]) {
    const bytes = frame(size).slice(0, size);
    const sent = size > 320 ? new Uint8Array(size).fill(9) : bytes;
    line.send(sent);
    assertEquals(await line.nextAudio(), sent);
  }
  line.send({ event: "dtmf", digit: "5" });
  line.send({ event: "dtmf", digit: "#" });
  await line.next(OVER);
  line.send({ event: "cdr", hangupCauseCode: 16 });
  assertEquals((await line.whenClosed()).code, 1000);
  assertEquals(await record(server), ["started", "answered", "dtmf", "dtmf", "ended", "cdr"]);
});

Deno.test("call.play() paces its audio, and resolves when it has been heard", async () => {
  using app = new AppFile(`
    const beganMs = performance.now();
    const played = call.play(new Uint8Array(320 * 10).fill(7), { name: "tune" });
    call.note("gave");
    call.note(await played);
    call.note("took " + (performance.now() - beganMs));
    for await (const event of call) if (event.kind === "played") { call.note(event.name); break; }
  `);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  for (let i = 0; i < 10; i++) assertEquals((await line.nextAudio()).length, 320);
  await line.next(OVER);
  await line.close();
  const recorded = await record(server);
  for (const note of ["gave", "heard", "tune"]) assert(recorded.includes(note), note);
  const tookMs = Number(recorded.find((note) => note.startsWith("took "))?.slice("took ".length));
  // A busy machine may take longer, but never less: the last one begins after 180 ms.
  assert(tookMs >= 180, `${tookMs} ms for 200 ms`);
});

Deno.test("call.play() of a missing file is logged, and rejects for an app that awaits it", async () => {
  using app = new AppFile(`
    call.play("none.wav");
    await call.play("none.wav", { name: "again" }).catch((error) => call.note(error.name));
  `);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  await line.next(OVER);
  await line.close();
  const recorded = (await record(server)).filter((text) => /play|NotFound/.test(text));
  assertEquals(recorded.length, 3, recorded.join());
  assert(
    recorded[0]!.startsWith(
      "Cannot play none.wav: there is no file none.wav; a path is taken from the working folder",
    ),
    recorded[0],
  );
});

Deno.test("call.hangup() waits for queued audio, and interrupt() does not", async () => {
  using app = new AppFile(`
    call.play(new Uint8Array(320 * 500));
    for await (const { kind, digit } of call) {
      if (digit === "1") call.hangup();
      if (digit === "2") call.interrupt();
    }
  `);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  await line.nextAudio();
  line.send({ event: "dtmf", digit: "1" });
  await line.nextAudio();
  assertEquals(line.messages.length, 1, "nothing but the answer");
  line.send({ event: "dtmf", digit: "2" });
  await line.next({ event: "interrupt" });
  await line.next(OVER);
});

Deno.test("call.gather() stops its prompt at the first key", async () => {
  using app = new AppFile(`
    const gathered = await call.gather({ play: new Uint8Array(320 * 500), digits: 2 });
    call.note(JSON.stringify(gathered));
  `);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  await line.nextAudio();
  line.send({ event: "dtmf", digit: "4" });
  await line.next({ event: "interrupt" });
  const heard = line.frames.all.filter((frame) => frame instanceof Uint8Array).length;
  assert(heard < 500, "the prompt would go on for ten seconds");
  line.send({ event: "dtmf", digit: "2" });
  await line.next(OVER);
  await line.close();
  assert((await record(server)).includes('{"by":"digits","digits":"42","speech":""}'));
});

Deno.test("call.gather() receives words sent over REST", async () => {
  using app = new AppFile(`
    const { by, speech } = await call.gather({ speech: true });
    call.note(by + ": " + speech);
    for await (const { kind, msg } of call) if (kind === "transcript") { call.note(msg); break; }
  `);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  const { id } = await server.call("inbound", "in-1");
  for (const text of ["I buy ten bags", "and a spade"]) {
    await server.rest("POST", `/calls/${id}/transcript`, { role: "other", text });
  }
  await line.next(OVER);
  await line.close();
  const recorded = await record(server);
  assert(recorded.includes("speech: I buy ten bags"), recorded.join());
  assert(recorded.includes("and a spade"), recorded.join());
});

Deno.test("call.gather() times out in silence, and ends keys at a pause or #", async () => {
  using app = new AppFile(`
    call.note("a " + JSON.stringify(await call.gather({ timeoutMs: 50 })));
    call.sendDigits("1", 1);
    call.note("b " + JSON.stringify(await call.gather({ betweenDigitsMs: 50 })));
    call.sendDigits("2", 1);
    call.note("c " + JSON.stringify(await call.gather({})));
  `);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  await line.next({ event: "dtmf", digit: "1" });
  line.send({ event: "dtmf", digit: "7" });
  await line.next({ event: "dtmf", digit: "2" });
  line.send({ event: "dtmf", digit: "8" });
  line.send({ event: "dtmf", digit: "#" });
  await line.next(OVER);
  await line.close();
  const recorded = await record(server);
  assert(recorded.includes('a {"by":"timeout","digits":"","speech":""}'), recorded.join());
  assert(recorded.includes('b {"by":"digits","digits":"7","speech":""}'), recorded.join());
  assert(recorded.includes('c {"by":"digits","digits":"8","speech":""}'), recorded.join());
});

Deno.test("a method that an inbound line lacks names the alternative", async () => {
  using app = new AppFile(`
    const tries = [
      () => call.say("hello"),
      () => call.transfer("+15551230000"),
      () => call.gather({ say: "hello" }),
      () => call.play("https://example.com/a.wav"),
    ];
    call.answer();
    for (const attempt of tries) {
      try { await attempt(); } catch (error) { call.note(error.name + ": " + error.message); }
    }
  `);
  await using server = await serverWith(app.path);
  await using line = await inboundCall(server);
  await line.next(OVER);
  await line.close();
  const notes = (await record(server)).filter((text) => text.startsWith("UnsupportedOnLine"));
  assertEquals(notes, [
    "UnsupportedOnLine: Cannot say on the inbound line: use prompt with text and a recording",
    "UnsupportedOnLine: Cannot transfer on the inbound line: use play with the number to call, then hangup",
    "UnsupportedOnLine: Cannot say on the inbound line: use prompt with text and a recording",
    "UnsupportedOnLine: Cannot play URL on the inbound line: use play with a file, or with what fetch gives you",
  ]);
});

Deno.test("APPS: the most specific rule wins, and without one the door behaves as before", async () => {
  using one = new AppFile(`call.answer(); call.sendDigits("1", 1); await call.gather();`);
  using other = new AppFile(`call.answer(); call.sendDigits("2", 1); await call.gather();`);
  const settings = { APPS: `inbound=${one.path},inbound:5000=${other.path}` };
  await using server = await serverWith("", { settings });
  for (const [didNumber, digit] of [["5000", "2"], ["5001", "1"]]) {
    await using line = await Client.open(server.ws("/"));
    line.send({
      event: "incoming_call",
      callerId: CALLER,
      didNumber,
      sessionId: `to ${didNumber}`,
    });
    assertEquals((await line.next({ event: "dtmf" }))["digit"], digit);
  }
  await using jambonz = await Client.open(server.ws("/jambonz"), { protocols: ["ws.jambonz.org"] });
  jambonz.send({ type: "session:new", msgid: "m", call_sid: "s", data: { call_sid: "s" } });
  assert(JSON.stringify(await jambonz.next({ type: "ack" })).includes("this is Tipring"));
});

Deno.test("APP_RELOAD: the next call uses a changed file, and calls in progress keep theirs", async () => {
  const body = (digit: string) =>
    `call.answer(); for await (const { kind } of call) if (kind === "dtmf") call.sendDigits("${digit}", 1);`;
  using app = new AppFile(body("1"));
  await using server = await serverWith(app.path, { settings: { APP_RELOAD: "yes" } });
  await using first = await inboundCall(server, "first");
  app.write(body("2"));
  Deno.utimeSync(app.path, new Date(), new Date(Date.now() + 5000));
  await using second = await inboundCall(server, "second");
  for (const line of [first, second]) line.send({ event: "dtmf", digit: "0" });
  assertEquals((await first.next({ event: "dtmf" }))["digit"], "1");
  assertEquals((await second.next({ event: "dtmf" }))["digit"], "2");
  await using third = await inboundCall(server, "third");
  assertEquals(third.messages.length, 1);
  assertEquals(server.log.all.filter(({ msg }) => msg === "app loaded").length, 2);
});
