/** An app that keeps requesting without waiting harms nobody else. */
import { assertEquals, assertLess } from "@std/assert";
import { AppFile, frame, serverWith } from "../support/apps.ts";
import { Client } from "../support/client.ts";
import { audioSocket } from "../support/jambonz_audio.ts";
import { CALLER, inboundCall, jambonzCall, said } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

/** How long an app runs: a failing test reports it, and does not stop it. */
const ROUNDS = 200_000;
const ECHO = "inbound:echo=apps/echo.ts";

/** A call of another app on the same server works. */
async function otherCallsWork(server: TestServer): Promise<void> {
  await using line = await Client.open(server.ws("/"));
  line.send({ event: "incoming_call", callerId: CALLER, didNumber: "echo", sessionId: "other" });
  await line.next({ event: "answer" });
  line.send(frame(3));
  assertEquals(await line.nextAudio(), frame(3));
}

/** An app that repeats this until the test stops it, or, if nothing else gets a turn, until its count. */
function endless(body: string): string {
  return `
    call.answer();
    globalThis.rounds = 0;
    while (globalThis.rounds < ${ROUNDS}) { globalThis.rounds++; ${body} }
  `;
}

/** How often the app went round before the test had a turn to stop it. */
function stopIt(): number {
  const shared = globalThis as unknown as { rounds: number };
  const { rounds } = shared;
  shared.rounds = ROUNDS;
  return rounds;
}

const LOOPS = {
  "plays": `await call.play(new Uint8Array(320));`,
  "plays nothing": `await call.play(new Uint8Array(0));`,
  "gathers": `await call.gather({ digits: 1 });`,
  "reads its events": `for await (const _event of call);`,
};

for (const [what, body] of Object.entries(LOOPS)) {
  Deno.test(`an app that ${what} forever blocks nothing once its call is over`, async () => {
    using app = new AppFile(endless(body));
    await using server = await serverWith(app.path, { settings: { APPS: ECHO } });
    const line = await inboundCall(server);
    await line.close();
    await server.call("inbound", "in-1", ({ state }) => state === "ended");
    await otherCallsWork(server);
    assertLess(stopIt(), ROUNDS);
  });
}

Deno.test("an app that plays forever blocks nothing when jambonz sends no more audio", async () => {
  using app = new AppFile(endless(`await call.play(new Uint8Array(320));`));
  await using server = await serverWith(app.path, {
    settings: { APPS: ECHO, JOIN_NUMBERS: "ann=+15551230000" },
  });
  await using line = await jambonzCall(server);
  const audio = await audioSocket(server);
  await audio.nextAudio();
  const { id } = await server.call("jambonz", "sid-1");
  const join = { kind: "join", number: "+15551230000" } as const;
  server.server.services.calls.asks.make(id, join, { actor: "ann", messageId: "1" }, () => {});
  await audio.next({ type: "disconnect" });
  await audio.close();
  await otherCallsWork(server);
  assertLess(stopIt(), ROUNDS);
  line.send(said("call:status", "over", { call_status: "completed" }));
  await server.call("jambonz", "sid-1", ({ state }) => state === "ended");
});
