/**
 * Checks a WebSocket handshake before the upgrade. Deno hardly checks it, and nothing can be
 * refused afterwards.
 * @see RFC 6455 section 4.2.1
 * @module
 */

/** Why a handshake is refused, ready to become a problem document. */
export interface Refusal {
  readonly status: 400 | 426;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Names this server in an upgrade. Proxies overwrite `server`, and leave this header. */
export const POWERED_BY = { header: "x-powered-by", value: "Tipring" } as const;

const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** Whether a request is a WebSocket handshake at all. */
export function asksForSocket(headers: Headers): boolean {
  return list(headers.get("upgrade")).some((name) => name.toLowerCase() === "websocket");
}

/** Checks a WebSocket handshake; undefined when it may be upgraded. */
export function checkHandshake(request: Request): Refusal | undefined {
  const { headers } = request;
  if (request.method !== "GET") {
    return { status: 400, detail: "A WebSocket handshake must use GET" };
  }
  if (!list(headers.get("connection")).some((name) => name.toLowerCase() === "upgrade")) {
    return { status: 400, detail: "The header Connection must contain Upgrade" };
  }
  if (headers.get("sec-websocket-version")?.trim() !== "13") {
    return {
      status: 426,
      detail: "The header Sec-WebSocket-Version must be 13",
      headers: { "sec-websocket-version": "13" },
    };
  }
  if (!KEY.test(headers.get("sec-websocket-key")?.trim() ?? "")) {
    return { status: 400, detail: "The header Sec-WebSocket-Key must be 16 bytes in base64" };
  }
  return undefined;
}

/** The subprotocols that a client offers, in its order. Deno splits only on `", "`. */
export function offeredSubprotocols(headers: Headers): string[] {
  return list(headers.get("sec-websocket-protocol"));
}

function list(header: string | null): string[] {
  return (header ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
}
