/**
 * Watchers of calls, which resume where they were.
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";
import type { LiveCall, Load } from "./load.ts";
import type { AskLog, WatchLog } from "./logs.ts";
import { ClientSocket } from "./socket.ts";

/** A watcher leaves a call that does not end after this time; the end of the run checks it. */
const PATIENCE_MS = 3000;

/** Watches one call after the other. */
export async function watchCalls(load: Load, random: SeededRandom): Promise<void> {
  // A telephone number, which the server calls to let the watcher join.
  const userId = `+1555${random.whole(1_000_000, 9_999_999)}`;
  while (!load.draining) {
    const call = random.one(load.liveCalls);
    if (call === undefined) await load.pause(random, 10, 30);
    else await watch(load, random, call, userId);
  }
}

async function watch(
  load: Load,
  random: SeededRandom,
  { id: callId, liveConversationToken: token, line }: LiveCall,
  userId: string,
): Promise<void> {
  const log: WatchLog = {
    callId,
    token,
    userId,
    told: [],
    sockets: [],
    asks: [],
    endHeard: false,
  };
  if (random.happens(0.3)) log.asks.push(ask(load, "client:endCall"));
  if (line === "jambonz" && random.happens(0.3)) log.asks.push(ask(load, "client:joinCall"));
  const untilMs = performance.now() + PATIENCE_MS;
  let known = false;
  while (!log.endHeard && !load.over.aborted && performance.now() < untilMs) {
    const socket = await open(load, log);
    if (socket === undefined) {
      await load.pause(random, 10, 30);
      continue;
    }
    if (!known) load.logs.watches.push(log);
    known = true;
    const asking = askAll(load, random, socket, log);
    const leaving = setTimeout(() => socket.close(4000), Math.max(0, untilMs - performance.now()));
    await hear(socket, log);
    clearTimeout(leaving);
    await asking;
  }
}

/** Continues a watch until the call is over or the socket closes. */
export async function finishWatch(load: Load, log: WatchLog): Promise<void> {
  const socket = await open(load, log);
  if (socket !== undefined) await hear(socket, log);
}

async function open(load: Load, log: WatchLog): Promise<ClientSocket | undefined> {
  const after = Number(log.told.at(-1)?.["seq"] ?? 0);
  const query = new URLSearchParams({
    conversationToken: log.token,
    key: "dev",
    user_id: log.userId,
    after: String(after),
  });
  const socket = await ClientSocket.open(load.url("ws", `/ws/v1/liveCalls?${query}`));
  if (socket !== undefined) log.sockets.push({ after, numbers: [] });
  return socket;
}

async function hear(socket: ClientSocket, log: WatchLog): Promise<void> {
  const { numbers } = log.sockets.at(-1)!;
  for (let said = await socket.next(); said !== undefined; said = await socket.next()) {
    if (said["type"] === "ack") {
      const asked = log.asks.find(({ id }) => id === said["ackId"]);
      if (asked !== undefined) asked.acks++;
    } else if (said["type"] === "error") {
      for (const asked of log.asks) asked.errors++;
    } else {
      log.told.push(said);
      numbers.push(Number(said["seq"]));
      if (said["type"] === "event:callEnd") log.endHeard = true;
    }
  }
}

function ask(load: Load, type: AskLog["type"]): AskLog {
  return { type, id: load.name("ask"), acks: 0, errors: 0 };
}

/** Repeats the requests without an ack, and some others: each must act once. */
async function askAll(
  load: Load,
  random: SeededRandom,
  socket: ClientSocket,
  { asks }: WatchLog,
): Promise<void> {
  for (const { type, id, acks } of asks) {
    await load.pause(random, 5, 80);
    if (acks === 0 || random.happens(0.5)) socket.send({ type, id });
  }
}
