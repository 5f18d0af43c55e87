/**
 * Sends one request to a receiver, over a connection to the address that was checked. `fetch` would
 * look up the name again, and could get another address.
 * @module
 */
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { SignedRequest } from "./signed_request.ts";
import { type AllowedTargets, findAddress, hostOf, isAddress, type Resolve } from "./targets.ts";

/** How requests are sent. */
export interface ClientOptions {
  readonly allowed: AllowedTargets;
  readonly resolve: Resolve;
  /** For everything from looking up the name to the end of the answer. */
  readonly timeoutMs: number;
  /** The trusted certificate authorities in PEM, instead of the usual ones. */
  readonly trusted?: string;
}

/** The outcome of a request. */
export interface Answer {
  /** Null when there was no answer. */
  readonly status: number | null;
  /** Why it failed; null for a 2xx. */
  readonly error: string | null;
  readonly excerpt: string | null;
  readonly retryAfter: string | null;
}

/** Reads no more of an answer. */
const READ_BYTES = 4096;
const EXCERPT_CHARACTERS = 256;
/**
 * Everything that may come over one connection: interim answers, headers, a body with its chunks and
 * trailers. The parser bounds the headers of one answer, and nothing else.
 */
const CONNECTION_BYTES = 64 * 1024;
/** A proxy in between sends one or two: RFC 9110 section 15.2. */
const INTERIM_ANSWERS = 8;

const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/**
 * Sends a request. It never rejects. The status decides: an answer whose body breaks off or never
 * ends still counts.
 */
export async function post(
  request: SignedRequest,
  client: ClientOptions,
  stopping: AbortSignal,
): Promise<Answer> {
  const over = new AbortController();
  const stop = () => over.abort(new Error("the server is stopping"));
  const deadline = setTimeout(
    () => over.abort(new Error(`no answer within ${client.timeoutMs} ms`)),
    client.timeoutMs,
  );
  stopping.addEventListener("abort", stop);
  if (stopping.aborted) stop();
  try {
    const { url } = request;
    const address = await untilOver(findAddress(url, client.allowed, client.resolve), over.signal);
    return await send(request, address, client.trusted, over.signal);
  } catch (error) {
    const why = over.signal.aborted ? over.signal.reason : error;
    const message = why instanceof Error ? why.message : String(why);
    return { status: null, error: message, excerpt: null, retryAfter: null };
  } finally {
    clearTimeout(deadline);
    stopping.removeEventListener("abort", stop);
  }
}

async function send(
  { url, headers, body }: SignedRequest,
  address: string,
  trusted: string | undefined,
  over: AbortSignal,
): Promise<Answer> {
  over.throwIfAborted();
  const socket = open(url, address, trusted);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const cut = () => socket.destroy();
  over.addEventListener("abort", cut);
  try {
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest({
        method: "POST",
        path: `${url.pathname}${url.search}`,
        headers: { ...headers, host: url.host, connection: "close" },
        createConnection: () => socket,
      }, resolve);
      request.on("error", reject);
      bound(request, cut, reject);
      request.on("close", () => reject(new Error("the connection was closed without an answer")));
      request.end(body);
    });
    const response = await untilOver(answered, over);
    const status = response.statusCode ?? 0;
    const excerpt = excerptOf(await beginning(response, over));
    const retryAfter = response.headers["retry-after"] ?? null;
    return { status, error: faultOf(status), excerpt, retryAfter };
  } finally {
    over.removeEventListener("abort", cut);
    socket.destroy();
    await closed;
  }
}

/** Cuts the connection of a receiver that answers without end. */
function bound(
  request: ClientRequest,
  cut: () => void,
  reject: (error: Error) => void,
): void {
  let interim = 0;
  let bytes = 0;
  request.on("information", () => {
    if (++interim <= INTERIM_ANSWERS) return;
    reject(new Error(`more than ${INTERIM_ANSWERS} interim answers`));
    cut();
  });
  // The parser listens as well: both hear what comes, and neither holds the other up.
  request.on("socket", (socket) => {
    socket.on("data", (chunk: Uint8Array) => {
      bytes += chunk.byteLength;
      if (bytes <= CONNECTION_BYTES) return;
      reject(new Error(`an answer of more than ${CONNECTION_BYTES} bytes`));
      cut();
    });
  });
}

/** Connects to the address, and checks the certificate for the name. */
function open(url: URL, address: string, trusted: string | undefined): Socket {
  const port = url.port === "" ? PORTS[url.protocol]! : Number(url.port);
  if (url.protocol === "http:") return connectTcp({ host: address, port });
  const hostname = hostOf(url);
  return connectTls({
    host: address,
    port,
    ...(isAddress(hostname) ? {} : { servername: hostname }),
    ca: trusted,
  });
}

/** The first bytes of a body, as far as they arrive in time. */
function beginning(response: IncomingMessage, over: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    const done = () => resolve(new Blob(chunks).bytes());
    response.on("data", (chunk: Uint8Array<ArrayBuffer>) => {
      chunks.push(chunk.subarray(0, READ_BYTES - bytes));
      bytes += chunk.byteLength;
      if (bytes >= READ_BYTES) done();
    });
    response.on("end", done);
    response.on("error", done);
    response.on("close", done);
    over.addEventListener("abort", done);
  });
}

function excerptOf(bytes: Uint8Array): string | null {
  // deno-lint-ignore no-control-regex
  const text = new TextDecoder().decode(bytes).replaceAll(/[\x00-\x1f\x7f]+/g, " ").trim();
  return text === "" ? null : text.slice(0, EXCERPT_CHARACTERS).toWellFormed();
}

function faultOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `answered ${status}, and redirects are not followed`;
  return `answered ${status}`;
}

function untilOver<Result>(work: Promise<Result>, over: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (over.aborted) reject(over.reason);
    over.addEventListener("abort", () => reject(over.reason), { once: true });
    work.then(resolve, reject);
  });
}
