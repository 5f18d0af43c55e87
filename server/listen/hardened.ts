/**
 * The transport for addresses that strangers reach: `node:http`, which limits heads and time, and
 * our own RFC 6455 on the connections that it upgrades.
 * @module
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { problem } from "../../http/problem.ts";
import type { Handler } from "../../http/router.ts";
import { asksForSocket } from "../../session/handshake.ts";
import { closeNow, type Upgrade } from "../../session/serve.ts";
import { CutOff } from "../../http/cut_off.ts";
import { WebSocketConnection } from "../../session/websocket/websocket_connection.ts";
import type { Admission, Listener, ListenOptions } from "./listener.ts";
import { ListenerWatch, type Place, type WatchPorts } from "./listener_watch.ts";
import { carry } from "./node_stream.ts";
import { Connections } from "./connections.ts";
import { RequestFaults } from "./request_faults.ts";
import { discardRest } from "./rest_of_body.ts";
import { sendAnswer } from "./web_answer.ts";
import { hasBody, incomingBody, webRequest, WrongRequest } from "./web_request.ts";

/** What is listened on, and who counts the connections. */
export interface HardenedOptions extends ListenOptions {
  readonly admission: Admission;
  /** Half a request ends after so long. */
  readonly headersMs: number;
  /** Hears when the listener has to be opened again. */
  readonly report?: WatchPorts["report"];
}

/** A whole request, with its body, ends so long after its head must. */
const BODY_WITHIN_MS = 20_000;
/**
 * Often, so that requests which came one after the other do not end all at once; not more often, since
 * each look takes half a millisecond per thousand connections.
 */
const LOOK_EVERY_MS = 200;
const KEEP_ALIVE_MS = 5000;
/** When the server stops, the open requests have so long for their answers. */
const ANSWERS_WITHIN_MS = 1000;
const REQUESTS_PER_CONNECTION = 1000;
const HEAD_BYTES = 16 * 1024;
const SERVER_OPTIONS = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  maxHeaderSize: HEAD_BYTES,
  /** Any other upgrade is not taken, and its request answered: RFC 9110 section 7.8. */
  shouldUpgradeCallback: ({ headers: { upgrade = "" } }: IncomingMessage) =>
    asksForSocket(new Headers({ upgrade })),
};
/** RFC 6455 section 1.3. */
const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Listens with `node:http`.
 * @throws {NodeJS.ErrnoException} when the address cannot be listened on
 */
export async function listenHardened(
  { hostname, port, handler, admission, headersMs, report = ignore }: HardenedOptions,
): Promise<Listener> {
  const server = createServer({
    ...SERVER_OPTIONS,
    headersTimeout: headersMs,
    requestTimeout: headersMs + BODY_WITHIN_MS,
    connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, headersMs / 4),
  });
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  const connections = new Connections(admission);
  const faults = new RequestFaults();
  server.on("clientError", (fault, socket) => faults.end(fault, socket as Socket));
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    connections.answer(incoming.socket, () => serve(incoming, outgoing, handler));
  };
  server.on("request", answer);
  server.on("checkContinue", answer);
  server.on("upgrade", (incoming, socket, head) => {
    // Another answer owns the connection: ours could not be written, and nobody would time it.
    if (connections.owes(socket as Socket)) return void socket.destroy();
    upgrade(incoming, socket, head, handler).catch((error) => {
      socket.destroy();
      reportError(error);
    });
  });
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const addr = await listening(server, { port, host });
  const { promise: finished, resolve: finish, reject: lost } = Promise.withResolvers<void>();
  const watch = new ListenerWatch(server, { port: addr.port, host }, { report, lost });
  server.on("connection", (socket) => {
    watch.heard(socket);
    connections.add(socket);
  });
  // Whatever went wrong, the watch listens again, or says that it cannot.
  server.on("error", ignore);
  return {
    addr,
    finished,
    async shutdown() {
      watch.stop();
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      connections.leave();
      // A client may take for ever to read its answer.
      const late = setTimeout(() => server.closeAllConnections(), ANSWERS_WITHIN_MS);
      await closed;
      clearTimeout(late);
      finish();
    },
  };
}

/** @throws {NodeJS.ErrnoException} */
async function listening(server: Server, { port, host }: Place): Promise<Deno.NetAddr> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).once("listening", resolve);
  server.listen(port, host);
  await promise;
  server.removeListener("error", reject);
  return addressOf(server.address() as AddressInfo);
}

function addressOf({ address, port }: AddressInfo): Deno.NetAddr {
  return { transport: "tcp", hostname: address, port };
}

function remoteOf({ remoteAddress = "", remotePort = 0 }: Socket): Deno.NetAddr {
  return { transport: "tcp", hostname: remoteAddress, port: remotePort };
}

/** Answers one request. A client that leaves aborts it. */
async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: Handler,
): Promise<void> {
  const leaving = new AbortController();
  const { promise: completed, resolve: complete } = Promise.withResolvers<void>();
  outgoing.once("close", () => {
    complete();
    if (!outgoing.writableFinished) leaving.abort();
  });
  const waits = incoming.headers.expect !== undefined;
  const body = hasBody(incoming)
    ? { body: incomingBody(incoming, () => waits && outgoing.writeContinue()) }
    : {};
  const origin = { remoteAddr: remoteOf(incoming.socket), completed };
  const response = await answered(
    incoming.socket,
    async () => await handler(webRequest(incoming, { signal: leaving.signal, ...body }), origin),
  );
  if (incoming.complete) incoming.resume();
  else discardRest(incoming, outgoing);
  await send(response, outgoing);
  await completed;
}

/** @throws whatever is our own fault, when the connection is dropped */
async function answered(socket: Socket, run: () => Promise<Response>): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof WrongRequest) return problem(400, error.message);
    socket.destroy();
    throw error;
  }
}

/** Answers a request for a WebSocket: opens it, or refuses it and closes the connection. */
async function upgrade(
  incoming: IncomingMessage,
  duplex: Duplex,
  head: Uint8Array,
  handler: Handler,
): Promise<void> {
  const socket = duplex as Socket;
  // Unheard, it would end the process; `close` follows. Nothing of the request may stay alive here.
  socket.on("error", ignore);
  let opened: { connection: WebSocketConnection; response: Response } | undefined;
  const by: Upgrade = (_request, { limits, heartbeatMs }) => {
    const connection = new WebSocketConnection({ limits, heartbeatMs });
    opened = { connection, response: new Response() };
    return { socket: connection, response: opened.response, close: closeNow };
  };
  const remoteAddr = remoteOf(socket);
  const response = await answered(
    socket,
    async () => await handler(webRequest(incoming), { remoteAddr, upgrade: by }),
  );
  if (opened === undefined || response !== opened.response) {
    return await refuse(response, incoming, socket);
  }
  const { connection } = opened;
  if (socket.destroyed) return connection.lost();
  socket.write(switching(incoming, response.headers));
  carry(socket, connection, head);
}

function ignore(): void {}

/** RFC 6455 section 4.2.2. */
function switching(incoming: IncomingMessage, headers: Headers): string {
  const accept = createHash("sha1")
    .update(`${incoming.headers["sec-websocket-key"]}${HANDSHAKE_GUID}`).digest("base64");
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  return "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
    `sec-websocket-accept: ${accept}\r\n${lines.join("")}\r\n`;
}

async function refuse(
  response: Response,
  incoming: IncomingMessage,
  socket: Socket,
): Promise<void> {
  const outgoing = new ServerResponse(incoming);
  outgoing.assignSocket(socket);
  outgoing.shouldKeepAlive = false;
  outgoing.once("finish", () => socket.destroySoon());
  await send(response, outgoing);
}

/** @throws what a body that fails throws, when the client has been told by a broken connection */
async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  try {
    await sendAnswer(response, outgoing);
  } catch (error) {
    outgoing.destroy();
    if (!(error instanceof CutOff)) throw error;
  }
}
