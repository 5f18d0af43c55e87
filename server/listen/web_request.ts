/**
 * A request of `node:http` as a web `Request`.
 * @module
 */
import type { IncomingMessage } from "node:http";

/** A request that is no request: it is refused with 400. */
export class WrongRequest extends Error {
  override readonly name = "WrongRequest";
}

/** What belongs to a request besides its head. */
export interface RequestParts {
  readonly signal?: AbortSignal;
  readonly body?: ReadableStream<Uint8Array>;
}

/**
 * Builds the web request.
 * @throws {WrongRequest} for a Host that is none, or more than one, and for a method that nobody serves
 */
export function webRequest(
  incoming: IncomingMessage,
  { signal, body }: RequestParts = {},
): Request {
  const headers = new Headers();
  const { rawHeaders } = incoming;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  }
  const method = incoming.method!;
  try {
    return new Request(urlOf(incoming, headers), {
      method,
      headers,
      ...(signal === undefined ? {} : { signal }),
      ...(body === undefined ? {} : { body, duplex: "half" }),
    });
  } catch (error) {
    if (error instanceof WrongRequest) throw error;
    throw new WrongRequest(`Nobody serves ${method}`);
  }
}

/** @throws {WrongRequest} */
function urlOf({ url = "/", socket }: IncomingMessage, headers: Headers): URL {
  const host = headers.get("host") ?? localHost(socket);
  // `a.example, b.example` of two headers is no host either.
  const parsed = /[\s,/?#@\\]/.test(host) ? null : URL.parse(`http://${host}`);
  if (parsed === null) throw new WrongRequest("The header Host is not a valid host");
  // The target of a proxy's request: RFC 9112 section 3.2.2.
  const path = /^https?:\/\/[^/?#]*(.*)$/i.exec(url)?.[1] ?? url;
  const whole = URL.parse(`http://${host}${path.startsWith("/") ? "" : "/"}${path}`);
  if (whole === null) throw new WrongRequest("The target of the request is not valid");
  return whole;
}

/** Where an HTTP/1.0 client has come that names no host. */
function localHost({ localAddress = "localhost", localPort }: IncomingMessage["socket"]): string {
  return `${localAddress.includes(":") ? `[${localAddress}]` : localAddress}:${localPort}`;
}

/** Whether the request has a body that somebody may want to read. */
export function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method === "GET" || method === "HEAD") return false;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/**
 * The body of a request. Nothing is read before its reader asks, and little more than it asks for.
 * @param asked called before the first byte is read: a client may wait for `100 Continue`
 */
export function incomingBody(
  incoming: IncomingMessage,
  asked: () => void,
): ReadableStream<Uint8Array> {
  let isLeft = false;
  let begun = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.pause();
      incoming.on("data", (bytes: Uint8Array) => {
        if (isLeft) return;
        controller.enqueue(bytes);
        if (controller.desiredSize! <= 0) incoming.pause();
      });
      incoming.pause();
      incoming.on("end", () => isLeft || controller.close());
      // A close after the end changes nothing.
      for (const event of ["error", "close"]) {
        incoming.on(event, () => {
          if (!isLeft && !incoming.complete) controller.error(new Error("The connection broke"));
        });
      }
    },
    pull() {
      if (!begun) asked();
      begun = true;
      incoming.resume();
    },
    cancel() {
      isLeft = true;
    },
  }, { highWaterMark: 0, size: (bytes) => bytes!.byteLength });
}
