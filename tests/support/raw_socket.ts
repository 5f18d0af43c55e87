/**
 * A WebSocket client over plain TCP: sends any headers, sends frames that no library sends, reads
 * only on request, and disconnects without a close frame.
 * @see RFC 6455
 * @module
 */
import { connect, type Socket } from "node:net";
import { within } from "./arrivals.ts";

/** An HTTP answer, or the head of an upgrade. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** One frame to send. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload?: Uint8Array;
  /** False for a fragment that is not the last. */
  readonly fin?: boolean;
  readonly masked?: boolean;
}

/** A received frame. */
export interface HeardFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
}

export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;

const HANDSHAKE = {
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

const GONE = "The peer has gone";
const encoder = new TextEncoder();

/** One TCP connection. */
export class RawSocket implements Disposable {
  readonly #connection: Deno.TcpConn;
  #buffer = new Uint8Array();
  #gone = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects without sending anything. */
  static async connect(port: number): Promise<RawSocket> {
    const connecting = Deno.connect({ hostname: "127.0.0.1", port });
    const connection = await within(connecting, () => `nobody listens on port ${port}`);
    connection.setNoDelay(true);
    return new RawSocket(connection);
  }

  /** Opens a WebSocket. */
  static async open(
    port: number,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<RawSocket> {
    const socket = await RawSocket.connect(port);
    const answer = await socket.handshake(path, headers);
    if (answer.status === 101) return socket;
    socket.leave();
    throw new Error(`Cannot open ${path}: ${answer.status} ${answer.body}`);
  }

  /** Requests a WebSocket and reads the answer; omits empty headers. */
  async handshake(path: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
    await this.request("GET", path, { ...HANDSHAKE, ...headers });
    return await this.answer();
  }

  /** Writes a request without a body. */
  async request(method: string, path: string, headers: Record<string, string>): Promise<void> {
    await this.write(requestHead(method, path, headers));
  }

  /** Reads one answer. */
  async answer(): Promise<RawAnswer> {
    let end = -1;
    while (end === -1) {
      await this.#fill(this.#buffer.length + 1);
      end = new TextDecoder("latin1").decode(this.#buffer).indexOf("\r\n\r\n");
    }
    const [status, ...fields] = new TextDecoder().decode(this.#take(end + 4)).trim().split("\r\n");
    const headers = new Headers(fields.map((field) => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon), field.slice(colon + 1).trim()] as [string, string];
    }));
    const length = Number(headers.get("content-length") ?? 0);
    await this.#fill(length);
    const body = new TextDecoder().decode(this.#take(length));
    return { status: Number(status!.split(" ")[1]), headers, body };
  }

  /** Sends a text frame. */
  async send(message: object | string): Promise<void> {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    await this.frame({ opcode: TEXT, payload: encoder.encode(text) });
  }

  /** Sends any frame. */
  async frame(frame: RawFrame): Promise<void> {
    await this.write(frameBytes(frame));
  }

  /** Reads one frame. */
  async read(): Promise<HeardFrame> {
    await this.#fill(2);
    const [first, second] = this.#buffer as unknown as [number, number];
    const short = second & 0x7f;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    await this.#fill(2 + extra);
    const view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset);
    const length = extra === 0
      ? short
      : extra === 2
      ? view.getUint16(2)
      : Number(view.getBigUint64(2));
    await this.#fill(2 + extra + length);
    return { opcode: first & 0x0f, payload: this.#take(2 + extra + length).slice(2 + extra) };
  }

  /** Reads until a text frame matches, and returns its message. */
  async next(members: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    while (true) {
      const { opcode, payload } = await this.read();
      if (opcode !== TEXT) continue;
      const message = JSON.parse(new TextDecoder().decode(payload));
      const passes = Object.entries(members).every(([name, value]) => message[name] === value);
      if (passes) return message;
    }
  }

  /** Reads until the peer's close frame, and returns its code. */
  async closeCode(): Promise<number> {
    while (true) {
      const { opcode, payload } = await this.read();
      if (opcode === CLOSE) return new DataView(payload.buffer, payload.byteOffset).getUint16(0);
    }
  }

  /** Reads until the peer has closed the TCP connection, and returns everything received before. */
  async gone(): Promise<Uint8Array> {
    try {
      while (true) await this.#fill(this.#buffer.length + 1);
    } catch (error) {
      const isGone = error instanceof Deno.errors.ConnectionReset ||
        error instanceof Error && error.message === GONE;
      if (!isGone) throw error;
      return this.#buffer;
    }
  }

  /** Writes any bytes. */
  async write(data: string | Uint8Array): Promise<void> {
    let rest = typeof data === "string" ? encoder.encode(data) : data;
    while (rest.length > 0) {
      const writing = this.#connection.write(rest);
      rest = rest.subarray(await within(writing, () => `${rest.length} bytes cannot be written`));
    }
  }

  /** Closes the TCP connection without a close frame. */
  leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  async #fill(length: number): Promise<void> {
    while (this.#buffer.length < length) {
      const chunk = new Uint8Array(64 * 1024);
      const read = await within(
        this.#connection.read(chunk),
        () => `${this.#buffer.length} of ${length} bytes have come`,
      );
      if (read === null) throw new Error(GONE);
      const filled = new Uint8Array(this.#buffer.length + read);
      filled.set(this.#buffer);
      filled.set(chunk.subarray(0, read), this.#buffer.length);
      this.#buffer = filled;
    }
  }

  #take(length: number): Uint8Array {
    const taken = this.#buffer.slice(0, length);
    this.#buffer = this.#buffer.slice(length);
    return taken;
  }
}

/** A WebSocket that ends with a RST without a FIN, which Deno's sockets cannot. */
export class ResetSocket {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Opens the socket; the server's end may not be open yet. */
  static async open(
    port: number,
    path: string,
    headers: Record<string, string>,
  ): Promise<ResetSocket> {
    const socket = connect(port, "127.0.0.1");
    const { promise: upgraded, resolve, reject } = Promise.withResolvers<void>();
    socket.once("error", reject).once("data", () => resolve());
    socket.write(requestHead("GET", path, { ...HANDSHAKE, ...headers }));
    await within(upgraded, () => `${path} does not open`);
    return new ResetSocket(socket);
  }

  /** Sends a message and resets the connection. */
  async sendAndReset(said: object): Promise<void> {
    const payload = encoder.encode(JSON.stringify(said));
    const frame = frameBytes({ opcode: TEXT, payload });
    const written = new Promise((resolve) => this.#socket.write(frame, resolve));
    await within(written, () => "the last frame is not written");
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    this.#socket.once("close", () => close());
    this.#socket.resetAndDestroy();
    await within(closed, () => "the socket that was reset does not close");
  }
}

function requestHead(method: string, path: string, headers: Record<string, string>): string {
  const lines = Object.entries({ host: "127.0.0.1", ...headers })
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** The bytes of a frame: a client's frames are masked. */
export function frameBytes(
  { opcode, payload = new Uint8Array(), fin = true, masked = true }: RawFrame,
): Uint8Array {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const bytes = new Uint8Array(2 + extra + (masked ? 4 : 0) + length);
  const view = new DataView(bytes.buffer);
  bytes[0] = (fin ? 0x80 : 0) | opcode;
  bytes[1] = (masked ? 0x80 : 0) | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) view.setUint16(2, length);
  if (extra === 8) view.setBigUint64(2, BigInt(length));
  // A mask of zeros leaves the payload readable in a trace.
  bytes.set(payload, bytes.length - length);
  return bytes;
}
