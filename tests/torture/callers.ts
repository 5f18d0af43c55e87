/**
 * The telephone platform's side of the inbound call door.
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";
import type { Load } from "./load.ts";
import type { InboundLog } from "./logs.ts";
import { ClientSocket } from "./socket.ts";

const FRAME = new Uint8Array(320);
const KEYS = [..."0123456789*#ABCD"];

/** Starts one call after the other. */
export async function inboundCalls(load: Load, random: SeededRandom): Promise<void> {
  while (!load.draining) {
    const socket = await ClientSocket.open(load.url("ws", "/inbound"));
    if (socket !== undefined) await call(load, random, socket);
    await load.pause(random, 5, 40);
  }
}

async function call(load: Load, random: SeededRandom, socket: ClientSocket): Promise<void> {
  const log: InboundLog = {
    sessionId: load.name("inbound"),
    from: `+2547${random.whole(10_000_000, 99_999_999)}`,
    to: "5000",
    answered: false,
    digits: "",
    hangupHeard: false,
    hangupSent: false,
    cdr: null,
    closedWith: null,
  };
  load.logs.inbound.push(log);
  socket.closed.then((code) => log.closedWith = code);
  const { sessionId, from: callerId, to: didNumber } = log;
  socket.send({ event: "incoming_call", callerId, didNumber, sessionId });
  const answered = Promise.withResolvers<void>();
  const hearing = hear(socket, log, answered.resolve);
  await answered.promise;
  await talk(load, random, socket, log);
  if (socket.isOpen) await end(load, random, socket, log);
  await hearing;
}

async function hear(socket: ClientSocket, log: InboundLog, answered: () => void): Promise<void> {
  for (let said = await socket.next(); said !== undefined; said = await socket.next()) {
    if (said["event"] === "hangup") log.hangupHeard = true;
    if (said["event"] === "answer") {
      log.answered = true;
      answered();
    }
  }
  answered();
}

async function talk(
  load: Load,
  random: SeededRandom,
  socket: ClientSocket,
  log: InboundLog,
): Promise<void> {
  for (let turns = random.whole(2, 25); turns > 0; turns--) {
    if (!socket.isOpen || log.hangupHeard) return;
    socket.send(FRAME);
    if (random.happens(0.4)) {
      const digit = random.one(KEYS)!;
      log.digits += digit;
      socket.send({ event: "dtmf", digit });
    }
    await load.pause(random, 5, 20);
  }
}

async function end(
  load: Load,
  random: SeededRandom,
  socket: ClientSocket,
  log: InboundLog,
): Promise<void> {
  if (random.happens(0.1)) {
    // The platform's network fails: neither hangup nor CDR.
    await socket.close(4001);
    return;
  }
  if (!log.hangupHeard) {
    log.hangupSent = true;
    socket.send({ event: "hangup" });
  }
  await load.pause(random, 0, 15);
  log.cdr = {
    event: "cdr",
    sessionId: log.sessionId,
    source: log.from,
    destination: log.to,
    duration: random.whole(1, 600),
    disposition: "ANSWERED",
    hangupCauseCode: "16",
    hangupCauseText: `made for ${log.sessionId}`,
    carrier: { trunk: random.whole(1, 1_000_000) },
  };
  socket.send(log.cdr);
  await socket.closed;
}
