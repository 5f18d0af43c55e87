/**
 * Attacks on the server, each with its outcome in words: each runs in the process of
 * `attacker.ts`.
 * @module
 */
import { type End, frame, RawPeer } from "./raw_peer.ts";

/** The server under attack. */
export interface Target {
  readonly port: number;
}

/** One attack: resolves with its outcome, in words. */
export type Attack = (target: Target) => Promise<string>;

const MANY = 1000;
const TEXT = 0x81;
const BINARY = 0x82;
/** A text frame without FIN, and a continuation without FIN. */
const TEXT_BEGINS = 0x01;
const CONTINUES = 0x00;
/** A little more than the 10 s that a request's head may take. */
const HEADERS_MS = 13_000;
/** A little more than the 5 s that a close may take. */
const CLOSE_MS = 8000;
const FLOOD_MS = 5000;
const NOTIFICATIONS = "/api/v1/ws/%2B254711111111";
const JAMBONZ = ["/jambonz", "ws.jambonz.org"] as const;
const EMPTY = new Uint8Array(0);

/** The attacks by their names. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  [`${MANY} half request lines`]: (target) => silent(target, "GET / HT"),
  [`${MANY} half headers`]: (target) => silent(target, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"),
  [`${MANY} silent connections`]: (target) => silent(target, ""),
  "a close frame never answered, 200 sockets": unansweredClose,
  "empty binary frames at full speed": ({ port }) => flood(port, EMPTY),
  "binary frames of one byte at full speed": ({ port }) => flood(port, new Uint8Array(1)),
  "empty frames on /jambonz/audio without a call": ({ port }) =>
    flood(port, EMPTY, ["/jambonz/audio", "audio.drachtio.org"]),
  "a message of fragments that never ends": endlessFragments,
  "an unmasked frame": (target) => outcomeOf(target, frame(TEXT, bytesOf("{}"), false)),
  "a reserved bit": (target) => outcomeOf(target, frame(TEXT | 0x40, bytesOf("{}"))),
  "a reserved opcode": (target) => outcomeOf(target, frame(0x83, EMPTY)),
  "bad UTF-8": (target) => outcomeOf(target, frame(TEXT, new Uint8Array([0xc3, 0x28]))),
  "a length that is not the shortest": (target) =>
    outcomeOf(target, new Uint8Array([TEXT, 0x80 | 126, 0, 2, 0, 0, 0, 0, 0x7b, 0x7d])),
  "a fragmented ping": (target) => outcomeOf(target, frame(0x09, EMPTY)),
  "a status, then a reconnect, in one write on jambonz": statusAndReconnect,
  "a webhook receiver that answers 100 Continue without end": endlessInterim,
  "a web page on another site": webPage,
};

/** Connections that send this much and no more. */
async function silent({ port }: Target, says: string): Promise<string> {
  const peers = await Promise.all(Array.from({ length: MANY }, () => RawPeer.open(port)));
  await Promise.all(peers.map((peer) => peer.text(says)));
  const ends = await Promise.all(peers.map((peer) => peer.endWithin(HEADERS_MS)));
  for (const peer of peers) peer[Symbol.dispose]();
  return left(ends);
}

/** Peers that are closed for a fault, never answer a close frame, and leave their connection open. */
async function unansweredClose({ port }: Target): Promise<string> {
  const peers = await Promise.all(
    Array.from({ length: 200 }, (_, at) => RawPeer.upgrade(port, `${NOTIFICATIONS}${at}`)),
  );
  await Promise.all(peers.map((peer) => peer.bytes(frame(TEXT, new Uint8Array(200_000).fill(32)))));
  const ends = await Promise.all(peers.map((peer) => peer.endWithin(CLOSE_MS)));
  for (const peer of peers) peer[Symbol.dispose]();
  return left(ends);
}

async function flood(
  port: number,
  payload: Uint8Array,
  [path, subprotocol]: readonly [string, string?] = ["/inbound"],
): Promise<string> {
  using peer = await RawPeer.upgrade(port, path, subprotocol);
  if (path === "/inbound") {
    const call = { event: "incoming_call", callerId: "+254712345678", didNumber: "5000" };
    await peer.bytes(frame(TEXT, bytesOf(JSON.stringify({ ...call, sessionId: "flood" }))));
    await peer.until('"answer"');
  }
  const one = frame(BINARY, payload);
  const many = new Uint8Array(one.length * 2000);
  for (let at = 0; at < many.length; at += one.length) many.set(one, at);
  const untilMs = performance.now() + FLOOD_MS;
  let sent = 0;
  while (performance.now() < untilMs && !peer.hasEnded) {
    await peer.bytes(many);
    sent += 2000;
  }
  return `${sent} frames sent, ${described(await peer.endWithin(100))}`;
}

async function endlessFragments({ port }: Target): Promise<string> {
  using peer = await RawPeer.upgrade(port, NOTIFICATIONS);
  const piece = new Uint8Array(65_536).fill(97);
  await peer.bytes(frame(TEXT_BEGINS, piece));
  let kib = 64;
  const untilMs = performance.now() + 3000;
  while (performance.now() < untilMs && !peer.hasEnded && kib < 512 * 1024) {
    await peer.bytes(frame(CONTINUES, piece));
    kib += 64;
  }
  return `${described(await peer.endWithin(500))}, ${kib} KiB sent`;
}

async function outcomeOf({ port }: Target, bytes: Uint8Array): Promise<string> {
  using peer = await RawPeer.upgrade(port, NOTIFICATIONS);
  await peer.bytes(bytes);
  return described(await peer.endWithin(1000), false);
}

async function statusAndReconnect({ port }: Target): Promise<string> {
  for (let call = 0; call < 20; call++) {
    using peer = await RawPeer.upgrade(port, ...JAMBONZ);
    const call_sid = crypto.randomUUID();
    const data = { call_sid, call_status: "trying", direction: "inbound", from: "+1", to: "5000" };
    const status = { type: "call:status", msgid: crypto.randomUUID(), call_sid, data };
    const back = { ...status, type: "session:reconnect", msgid: crypto.randomUUID() };
    const [first, second] = [status, back].map((message) =>
      frame(TEXT, bytesOf(JSON.stringify(message)))
    );
    await peer.bytes(new Uint8Array([...first!, ...second!]));
    await peer.endWithin(100);
  }
  const openCalls = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/calls?limit=100&line=jambonz`);
    const { calls = [] } = await answer.json();
    return calls.filter(({ state }: { state: string }) => state !== "ended").length;
  };
  let open = await openCalls();
  for (const untilMs = performance.now() + 10_000; open > 0 && performance.now() < untilMs;) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    open = await openCalls();
  }
  return `${open} of 20 calls open without a socket`;
}

/** A webhook receiver whose answer never starts. */
async function endlessInterim({ port }: Target): Promise<string> {
  const receiver = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const interim = bytesOf("HTTP/1.1 100 Continue\r\n\r\n".repeat(2000));
  let bytes = 0;
  const receiving = receiver.accept().then(async (tcp) => {
    const untilMs = performance.now() + FLOOD_MS;
    try {
      while (performance.now() < untilMs) bytes += await tcp.write(interim);
      return "accepted";
    } catch {
      return "cut off";
    }
  });
  const { port: at } = receiver.addr as Deno.NetAddr;
  await post(port, "/api/v1/webhooks", { url: `http://127.0.0.1:${at}/`, types: ["*"] });
  using _call = await RawPeer.upgrade(port, "/inbound");
  const call = { event: "incoming_call", callerId: "+254712345678", didNumber: "5000" };
  await _call.bytes(frame(TEXT, bytesOf(JSON.stringify({ ...call, sessionId: "hooked" }))));
  const how = await receiving;
  return `${how} after ${Math.round(bytes / 1024)} KiB`;
}

/** The requests of a browser for a page on another site, or for one that rebound its name to us. */
async function webPage({ port }: Target): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  const own = `127.0.0.1:${port}`;
  const path = "/api/v1/contracts/create/manual";
  const json = "content-type: application/json";
  const answers = [
    ["rebound name", "GET", "/api/v1/calls", ["host: evil.example"]],
    ["no content type", "POST", path, [`host: ${own}`]],
    ["text/plain", "POST", path, [`host: ${own}`, "content-type: text/plain"]],
    ["foreign origin", "POST", path, [`host: ${own}`, json, "origin: https://evil.example"]],
    ["cross-site", "POST", path, [`host: ${own}`, json, "sec-fetch-site: cross-site"]],
    ["another local port", "POST", path, [`host: ${own}`, json, `origin: ${url}9`]],
  ] as const;
  const statuses = await Promise.all(answers.map(async ([what, method, path, headers]) => {
    using peer = await RawPeer.open(port);
    const body = method === "POST" ? "{}" : "";
    const head = [`${method} ${path} HTTP/1.1`, ...headers, `content-length: ${body.length}`];
    await peer.text(`${head.join("\r\n")}\r\n\r\n${body}`);
    await peer.until("\r\n\r\n");
    return `${what} ${peer.received.split(" ")[1]}`;
  }));
  return statuses.join(", ");
}

async function post(port: number, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`Cannot post to ${path}: ${await answer.text()}`);
}

function left(ends: readonly End[]): string {
  const open = ends.filter(({ how }) => how === "open").length;
  const last = Math.max(...ends.map(({ afterMs }) => afterMs)) / 1000;
  return open > 0
    ? `${open} of ${ends.length} still open after ${last.toFixed(0)} s`
    : `all closed after ${last.toFixed(1)} s`;
}

function described({ how, code, afterMs }: End, withTime = true): string {
  const time = withTime ? ` after ${(afterMs / 1000).toFixed(1)} s` : "";
  return how === "open" ? "accepted" : code === undefined ? `dropped${time}` : `${code}${time}`;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
