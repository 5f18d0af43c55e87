/**
 * Throws mutated messages at every door of a real server. Nothing may fail: no session, no request, no
 * promise; and the server serves on.
 * @module
 */
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { jambonzAudioWire } from "../../protocols/jambonz_audio/messages.ts";
import { jambonzWire } from "../../protocols/jambonz/messages.ts";
import { liveCallsWire } from "../../protocols/live_calls/messages.ts";
import { notificationsWire } from "../../protocols/notifications/messages.ts";
import type { Wire } from "../../session/wire.ts";
import { within } from "../support/arrivals.ts";
import { TestServer } from "../support/server.ts";
import { SeededRandom } from "../torture/seeded_random.ts";
import { examplesOf, mutated } from "./mutate.ts";

/** The result of a run. */
export interface FuzzReport {
  /** How many messages were sent. */
  readonly sent: number;
  /** How many sockets carried them. */
  readonly sockets: number;
  /** How many sockets closed, by code. */
  readonly closes: Readonly<Record<number, number>>;
  /** The log lines that report our own failures. */
  readonly faults: readonly unknown[];
}

/** A socket carries this many messages at most, and a server this many sockets. */
const MESSAGES = 40;
const SOCKETS = 400;
/** Sockets at once. */
const AT_ONCE = 10;

/** Nothing is limited that a fuzzer needs, and no call waits for anything. */
const SETTINGS = {
  LIMIT_MESSAGES_PER_SECOND: "1000000",
  LIMIT_TEXT_BYTES_PER_SECOND: "1000000000",
  LIMIT_HANDSHAKES_PER_SECOND: "1000000",
  LIMIT_CALLS: "1000000",
  LIMIT_CALLS_PER_NUMBER: "1000000",
  LIMIT_CONNECTIONS_PER_CLIENT: "1000000",
  LIMIT_MEMORY_MIB: "1000000",
  JAMBONZ_RECONNECT_WAIT_MS: "1",
  INBOUND_CDR_WAIT_MS: "1",
  LOG_LEVEL: "error",
};

interface Door {
  readonly wire: Wire;
  readonly path: string;
  readonly protocols: string[];
}

/** Sends so many messages, reproducible by the seed except for the machine's timing. */
export async function fuzzMessages(messages: number, seed: number): Promise<FuzzReport> {
  const random = new SeededRandom(seed);
  const closes: Record<number, number> = {};
  const faults: unknown[] = [];
  const told = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    faults.push({ msg: "unhandled rejection", error: String(event.reason) });
  };
  globalThis.addEventListener("unhandledrejection", told);
  let sent = 0;
  let sockets = 0;
  try {
    while (sent < messages && faults.length === 0) {
      await using server = await TestServer.start({ settings: SETTINGS });
      const doors = await doorsOf(server);
      for (let round = 0; round < SOCKETS && sent < messages; round += AT_ONCE) {
        const batch = Array.from({ length: AT_ONCE }, () => {
          const count = Math.min(messages - sent, random.whole(1, MESSAGES));
          sent += count;
          sockets++;
          return converse(server, random.one(doors)!, count, random.fork());
        });
        for (const code of await Promise.all(batch)) closes[code] = (closes[code] ?? 0) + 1;
      }
      await serves(server);
      faults.push(...server.log.all.filter(({ level }) => level === "error"));
    }
  } finally {
    globalThis.removeEventListener("unhandledrejection", told);
  }
  return { sent, sockets, closes, faults };
}

/** The doors; a watcher needs a call to watch. */
async function doorsOf(server: TestServer): Promise<Door[]> {
  const { liveConversationToken } = await server.server.services.calls.begin({
    line: "jambonz",
    direction: "inbound",
    platformId: "watched",
    from: "1",
    to: "2",
  });
  const watch = `/ws/v1/liveCalls?conversationToken=${liveConversationToken}`;
  return [
    { wire: inboundCallWire, path: "/", protocols: [] },
    { wire: jambonzWire, path: "/jambonz", protocols: ["ws.jambonz.org"] },
    { wire: jambonzAudioWire, path: "/jambonz/audio", protocols: ["audio.jambonz.org"] },
    { wire: liveCallsWire, path: watch, protocols: ["bearer", "dev"] },
    { wire: notificationsWire, path: "/api/v1/ws/alice", protocols: [] },
  ];
}

/** Sends messages on one socket and closes it; resolves with the code that it closed with. */
async function converse(
  server: TestServer,
  { wire, path, protocols }: Door,
  count: number,
  random: SeededRandom,
): Promise<number> {
  const examples = examplesOf(wire);
  const socket = new WebSocket(server.ws(path), protocols);
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  socket.onerror = (event) => event.preventDefault();
  socket.onclose = ({ code }) => resolve(code);
  socket.onopen = () => {
    for (let sent = 0; sent < count && socket.readyState === WebSocket.OPEN; sent++) {
      socket.send(mutated(examples, random));
    }
    if (socket.readyState === WebSocket.OPEN) socket.close(1000);
  };
  return await within(closed, () => `a socket of ${path} stays open`);
}

/** Whether a new client is served. */
async function serves(server: TestServer): Promise<void> {
  const socket = new WebSocket(server.ws("/api/v1/ws/bob"));
  const { promise: answered, resolve } = Promise.withResolvers<string>();
  socket.onopen = () => socket.send('{"type":"ping","timestamp":"still there"}');
  socket.onmessage = ({ data }) => resolve(data);
  await within(answered, () => "the server serves nobody any more");
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  socket.onclose = () => close();
  socket.close();
  await within(closed, () => "a socket stays open");
}
