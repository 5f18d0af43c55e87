/** Many clients that resume at once, during a call. */
import { assert, assertEquals } from "@std/assert";
import { Client } from "../../support/client.ts";
import { databaseFile } from "../../support/database_file.ts";
import { eachWithin, within } from "../../support/arrivals.ts";
import { answerTo } from "../../support/http.ts";
import { BEARER, inboundCall, QUIET_INBOUND } from "../../support/lines.ts";
import { LONG_CALL, writeLongCall } from "../../support/long_call.ts";
import { BUYER, changed, contractWrite, sampleContract } from "../../support/store_samples.ts";
import { TestServer } from "../../support/server.ts";

const EVENTS = 600;
const FRAME_BYTES = 320;

/** A server with a log, and a call whose frames come back. */
async function serverWithLog(settings: Readonly<Record<string, string>> = {}) {
  // The call's frames follow each other faster than real ones.
  const unlimited = {
    LIMIT_AUDIO_BYTES_PER_SECOND: String(1024 ** 3),
    LIMIT_AUDIO_FRAMES_PER_SECOND: "1000000",
  };
  const server = await TestServer.start({
    settings: { ...QUIET_INBOUND, ...unlimited, ...settings },
  });
  const { contracts } = server.server.services.store;
  const contract = sampleContract("deal");
  await Promise.all(
    Array.from(
      { length: EVENTS },
      () => contracts.write(contractWrite(contract, { events: [changed(contract, true)] })),
    ),
  );
  return server;
}

/** Sends a frame, waits for its echo and sends the next, until it is over; how many came back. */
async function echoWhile(line: Client, over: Promise<unknown>): Promise<number> {
  let isOver = false;
  over.finally(() => isOver = true).catch(() => {});
  let echoed = 0;
  while (!isOver) {
    line.send(frame(echoed));
    assertEquals(await line.nextAudio(), frame(echoed));
    echoed++;
  }
  return echoed;
}

function frame(number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_BYTES);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

Deno.test("a call loses no frame while many sockets replay, which queue for their turn", async () => {
  await using server = await serverWithLog({ REPLAYS_AT_ONCE: "2" });
  await using line = await inboundCall(server);
  const url = server.ws(`/api/v1/ws/${encodeURIComponent(BUYER)}?after=0`);
  const clients = await Promise.all(Array.from({ length: 30 }, () => Client.open(url)));
  const told = Promise.all(clients.map((client) => client.frames.count(EVENTS)));
  const echoed = await echoWhile(line, told);
  const ids = Array.from({ length: EVENTS }, (_, at) => at + 1);
  for (const client of clients) {
    const heard = client.messages.map(({ event_id }) => event_id);
    assertEquals(heard, heard[0] === undefined ? [] : ids.map((at) => Number(heard[0]) - 1 + at));
    await client.close();
  }
  assert(echoed > 0);
  assert(server.log.all.every(({ msg }) => !msg.includes("dropped")));
  const { mostAtOnce, slices } = server.server.services.replays.counts;
  assertEquals(mostAtOnce, 2);
  // Eight messages a step, and twelve steps a slice at most.
  assert(slices >= 30 * EVENTS / (8 * 12), `${slices} slices`);
});

Deno.test("a call loses no frame while many event streams replay", async () => {
  await using server = await serverWithLog({ REPLAYS_AT_ONCE: "2" });
  await using line = await inboundCall(server);
  const reading = Array.from({ length: 30 }, async () => {
    const response = await fetch(server.http("/api/v1/events/stream?last_event_id=0"));
    const chunks = response.body!.pipeThrough(new TextDecoderStream());
    const ids: number[] = [];
    for await (const chunk of eachWithin(chunks, () => `after event ${ids.at(-1)}`)) {
      ids.push(...[...chunk.matchAll(/^id:(\d+)$/gm)].map(([, id]) => Number(id)));
      if (ids.length >= EVENTS) break;
    }
    return ids;
  });
  const over = Promise.all(reading);
  assert(await echoWhile(line, over) > 0);
  for (const ids of await over) assert(ids.length >= EVENTS, `${ids.length} events`);
  assertEquals(server.server.services.replays.counts.mostAtOnce, 2);
});

Deno.test("the long past of a live call is sent in slices, in order, followed by what is new", async () => {
  await using server = await TestServer.start({ settings: QUIET_INBOUND });
  await using line = await inboundCall(server);
  const call = await server.call("inbound", "in-1");
  const { calls, replays } = server.server.services;
  const say = (msg: string) =>
    calls.record(call.id, { type: "transcript", actor: "rest", data: { msg, role: "other" } });
  const words = Array.from({ length: 3000 }, (_, at) => `word ${at}`);
  await Promise.all(words.map(say));
  const query = `conversationToken=${call.liveConversationToken}&after=0`;
  await using watcher = await Client.open(server.ws(`/ws/v1/liveCalls?${query}`), {
    headers: BEARER,
  });
  const later = Array.from({ length: 300 }, (_, at) => `later ${at}`);
  await Promise.all(later.map(say));
  await watcher.next({ msg: later.at(-1)! });
  line.send({ event: "hangup" });
  await watcher.next({ type: "event:callEnd" });
  const said = watcher.messages.filter(({ type }) => type === "transcript");
  assertEquals(said.map(({ msg }) => msg), [...words, ...later]);
  assert(replays.counts.slices >= 3000 / (8 * 12), `${replays.counts.slices} slices`);
});

Deno.test("a watcher who returns to a long call that is over gets all of it, and is closed", async () => {
  await using file = await databaseFile();
  await writeLongCall(file.path, 5000);
  await using server = await TestServer.start({ settings: { DATABASE_URL: file.url } });
  const query = `conversationToken=token%20${LONG_CALL}&after=1`;
  await using watcher = await Client.open(server.ws(`/ws/v1/liveCalls?${query}`), {
    headers: BEARER,
  });
  await watcher.whenClosed();
  const seqs = watcher.messages.map(({ seq }) => seq);
  assertEquals(seqs, Array.from({ length: 5001 }, (_, at) => at + 2));
});

Deno.test("GET /calls responds while event streams replay", async () => {
  await using file = await databaseFile();
  await using server = await serverWithLog({ DATABASE_URL: file.url, REPLAYS_AT_ONCE: "1" });
  const streams = await Promise.all(
    Array.from({ length: 5 }, () => fetch(server.http("/api/v1/events/stream?last_event_id=0"))),
  );
  const answer = await answerTo(server.http("/api/v1/calls"));
  assertEquals(await answer.json(), { calls: [] });
  for (const { body } of streams) await within(body!.cancel(), () => "a stream stays open");
});
