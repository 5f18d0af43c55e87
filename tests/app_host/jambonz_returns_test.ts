/** Call apps on the jambonz line whose socket is lost, and comes back. */
import { assertEquals } from "@std/assert";
import { AppFile, Gate, serverWith } from "../support/apps.ts";
import { hook, openLine, redirected, verbs } from "../support/app_line.ts";
import { Client, type Message } from "../support/client.ts";
import { said, sessionNew } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

Deno.test("a reconnected call continues with its app, and plays what was requested meanwhile", async () => {
  using app = new AppFile(`
    const { digits } = await call.gather({ say: "Key?", digits: 1 });
    call.say("You pressed " + digits);
    for await (const { kind } of call) {
      if (kind === "line_lost") call.say("Are you there?");
      if (kind === "line_back") { call.note("back"); return; }
    }
  `);
  await using server = await serverWith(app.path);
  const lost = await openLine(server);
  lost.send(sessionNew());
  const [gather] = await verbs(lost, "new");
  await lost.close(3000);
  await using line = await openLine(server);
  line.send(said("session:reconnect", "again"));
  await line.next({ type: "ack", msgid: "again" });
  line.send(hook(gather, "h1", { digits: "4" }));
  const [answer] = await verbs(line, "h1");
  assertEquals(answer, { verb: "say", text: "You pressed 4" });
});

Deno.test("verbs requested while the line is away go out when it is back", async () => {
  using app = new AppFile(`
    call.say("Hello");
    for await (const { kind } of call) if (kind === "line_lost") { call.say("Are you there?"); break; }
    for await (const { kind } of call) if (kind === "line_back") break;
  `);
  await using server = await serverWith(app.path);
  const lost = await openLine(server);
  lost.send(sessionNew());
  await verbs(lost, "new");
  await lost.close(3000);
  const call = await server.call("jambonz", "sid-1");
  await server.recorded(call, ({ type }) => type === "line_lost");
  await using line = await openLine(server);
  line.send(said("session:reconnect", "again"));
  const [queued, [first]] = await redirected(line);
  assertEquals([queued, first], [true, { verb: "say", text: "Are you there?" }]);
});

/** Drops the socket of a call and reconnects; resolves with the new line. */
async function lostAndBack(server: TestServer, lost: Client): Promise<Client> {
  await lost.close(3000);
  const line = await openLine(server);
  line.send(said("session:reconnect", "again"));
  await line.next({ type: "ack", msgid: "again" });
  return line;
}

/** The verbs that the next redirect appends, to find out whether anything runs. */
async function probed(line: Client): Promise<Message> {
  const [queued, [probe]] = await redirected(line);
  assertEquals([queued, probe!["verb"], probe!["notifyEvents"]], [true, "config", true]);
  return said("verb:status", "idle", { event: "finished", name: "config", id: probe!["id"] });
}

Deno.test("call.gather() asks again when its hook was lost with the socket", async () => {
  using app = new AppFile(`
    const { digits } = await call.gather({ say: "Key?", digits: 1 });
    call.say("You pressed " + digits);
  `);
  await using server = await serverWith(app.path);
  const lost = await openLine(server);
  lost.send(sessionNew());
  const [gather] = await verbs(lost, "new");
  await using line = await lostAndBack(server, lost);
  // jambonz has failed the hook: nothing runs, and nothing comes of itself.
  line.send(await probed(line));
  assertEquals(await redirected(line), [true, [gather]]);
  line.send(hook(gather, "h1", { digits: "4" }));
  assertEquals((await verbs(line, "h1"))[0], { verb: "say", text: "You pressed 4" });
});

Deno.test("call.gather() does not ask again when it continues after a reconnect", async () => {
  using answered = new Gate();
  using app = new AppFile(`
    const { digits } = await call.gather({ say: "Key?", digits: 1 });
    call.note(digits);
    ${answered.wait}
    call.say("You pressed " + digits);
    for await (const event of call);
  `);
  await using server = await serverWith(app.path, { settings: { JAMBONZ_HOOK_DEADLINE_MS: "1" } });
  const lost = await openLine(server);
  lost.send(sessionNew());
  const [gather] = await verbs(lost, "new");
  await using line = await lostAndBack(server, lost);
  const idle = await probed(line);
  line.send(hook(gather, "h1", { digits: "4" }));
  assertEquals(await verbs(line, "h1"), [], "the app takes its time");
  line.send(idle);
  line.send({ ...said("verb:hook", "h2"), hook: "/other" });
  await line.next({ type: "ack", msgid: "h2" });
  answered.open();
  assertEquals((await redirected(line))[1], [{ verb: "say", text: "You pressed 4" }]);
  const redirects = line.messages.filter(({ command }) => command === "redirect");
  assertEquals(redirects.length, 2, "the question about what runs, and what is said");
});

Deno.test("an app's last verbs are sent again when they were lost with the socket", async () => {
  using app = new AppFile(`call.say("Bye");`);
  await using server = await serverWith(app.path);
  const lost = await openLine(server);
  lost.send(sessionNew());
  assertEquals(await verbs(lost, "new"), [{ verb: "say", text: "Bye" }, { verb: "hangup" }]);
  lost.send(said("call:status", "a1", { call_status: "in-progress" }));
  await server.call("jambonz", "sid-1", ({ state }) => state === "answered");
  await using line = await lostAndBack(server, lost);
  line.send(await probed(line));
  assertEquals(await redirected(line), [true, [{ verb: "hangup" }]]);
});

Deno.test("an app's last verbs are not probed once somebody else has the caller", async () => {
  using app = new AppFile(`call.say("Bye");`);
  await using server = await serverWith(app.path);
  const lost = await openLine(server);
  lost.send(sessionNew());
  await verbs(lost, "new");
  const { id } = await server.call("jambonz", "sid-1");
  await server.server.services.calls.record(id, {
    type: "join_requested",
    actor: "ann",
    data: { messageId: "1", number: "+15551230000" },
  });
  await using line = await lostAndBack(server, lost);
  // The next message on this line follows the question.
  await server.rest("POST", `/calls/${id}/actions`, { action: "send_digits", digits: "1" });
  await line.next({ command: "dtmf" });
  assertEquals(line.messages.filter(({ command }) => command === "redirect"), []);
});
