/**
 * A whole server where everybody needs a key, and requests with keys of any kind.
 * @module
 */
import type { Scope } from "../../access/scopes.ts";
import { within } from "./arrivals.ts";
import { Client } from "./client.ts";
import { QUIET_INBOUND } from "./lines.ts";
import { RawSocket } from "./raw_socket.ts";
import { TestServer, type TestServerOptions } from "./server.ts";

/** The key of the settings, which is for everything. */
export const ROOT_KEY = "root-key-of-this-test-server";

/** What a key of a test is for. */
export interface KeyAsked {
  readonly scopes: readonly Scope[];
  readonly clients?: readonly string[];
  readonly numbers?: readonly string[];
  readonly expires_in_s?: number;
}

/** A new key. */
export interface MadeKey {
  readonly id: string;
  readonly key: string;
}

/** An answer of REST. */
export interface KeyedAnswer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

const SUBPROTOCOLS: Readonly<Record<string, string>> = {
  "/jambonz": "ws.jambonz.org",
  "/jambonz/adulting": "ws.jambonz.org",
  "/jambonz/adulting/adulting": "ws.jambonz.org",
  "/jambonz/audio": "audio.jambonz.org",
};

/** The server. */
export class KeyedServer implements AsyncDisposable {
  private constructor(readonly test: TestServer) {}

  static async start({ settings, ...options }: TestServerOptions = {}): Promise<KeyedServer> {
    return new KeyedServer(
      await TestServer.start({
        ...options,
        settings: { ...QUIET_INBOUND, API_KEYS: ROOT_KEY, ...settings },
      }),
    );
  }

  /** Makes a key. */
  async key(asked: KeyAsked): Promise<MadeKey> {
    const { status, body } = await this.ask(ROOT_KEY, "POST", "/keys", { name: "crm", ...asked });
    if (status !== 201) throw new Error(`Cannot make a key: ${JSON.stringify(body)}`);
    return body;
  }

  /** Sends a request with a key to a path below `/api/v1`. */
  async ask(
    key: string | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<KeyedAnswer> {
    const asking = this.#fetch(key, method, `/api/v1${path}`, body, headers);
    const response = await within(asking, () => `${method} ${path} is not answered`);
    const text = await within(response.text(), () => `${method} ${path} does not end`);
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  }

  /** The status of a request, whose body is not read: it may have no end. */
  async status(key: string | undefined, method: string, path: string): Promise<number> {
    if (method === "WS") return await this.handshake(key, path);
    const body = ["POST", "PUT"].includes(method) ? {} : undefined;
    const response = await within(
      this.#fetch(key, method, path, body),
      () => `${method} ${path} is not answered`,
    );
    await response.body?.cancel();
    return response.status;
  }

  /** The status of a handshake; a socket that opens is left at once. */
  handshake(key: string | undefined, path: string): Promise<number> {
    return this.handshakeWith(bearer(key), path);
  }

  /** The same with any headers. */
  async handshakeWith(headers: Record<string, string>, path: string): Promise<number> {
    using raw = await RawSocket.connect(this.test.port);
    const offered = SUBPROTOCOLS[path.split("?")[0]!] ?? "";
    const answer = await raw.handshake(path, { "sec-websocket-protocol": offered, ...headers });
    return answer.status;
  }

  /** Opens a socket with a key. */
  open(key: string | undefined, path: string, protocols: string[] = []): Promise<Client> {
    return Client.open(this.test.ws(path), { protocols, headers: bearer(key) });
  }

  /** A live inbound call to this number. */
  async inboundCall(to: string, sessionId = `to ${to}`, key = ROOT_KEY): Promise<Client> {
    const line = await this.open(key, "/");
    const callerId = "+15083084809";
    line.send({ event: "incoming_call", callerId, didNumber: to, sessionId });
    await line.next({ event: "answer" });
    return line;
  }

  async #fetch(
    key: string | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return await fetch(this.test.http(path), {
      method,
      headers: {
        ...bearer(key),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.test.stop();
  }
}

/** The header with a key. */
export function bearer(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}
