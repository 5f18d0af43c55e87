/**
 * A WebSocket client that costs less CPU than the server it measures: prepared frames, masked with a key
 * of zeros, so that masking changes nothing.
 * @module
 */
import { Connection } from "./connection.ts";

/** A WebSocket to open. */
export interface Door {
  readonly port: number;
  readonly path: string;
  readonly subprotocol?: string;
}

const TEXT = 1;
const BINARY = 2;
const PING = 9;
const PONG = 10;
const FINAL = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;

/** One open WebSocket. Incoming messages go to the two handlers. */
export class Client {
  /** Called with the place of each binary frame in `bytes`, a buffer that is reused afterwards. */
  onBinary: (bytes: DataView, offset: number, length: number) => void = () => {};
  onText: (text: string) => void = () => {};
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
    connection.received = (bytes, have) => this.#read(bytes, have);
  }

  /**
   * Opens a WebSocket.
   * @throws {Error} when the server does not upgrade it
   */
  static async open({ port, path, subprotocol }: Door): Promise<Client> {
    const connection = new Connection(port);
    const offer = subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
    connection.send(encoder.encode(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
        `Sec-WebSocket-Version: 13\r\n${offer}\r\n`,
    ));
    const { promise: answered, resolve: answer } = Promise.withResolvers<string>();
    connection.received = (bytes, have) => {
      const head = decoder.decode(new Uint8Array(bytes.buffer, 0, have));
      // The server sends nothing unasked, so nothing follows the head.
      if (!head.endsWith("\r\n\r\n")) return 0;
      answer(head);
      return have;
    };
    const head = await Promise.race([answered, connection.closed]);
    if (head === undefined) throw new Error(`${path} closed during the handshake`);
    if (!head.startsWith("HTTP/1.1 101")) throw new Error(`${path} answered ${head}`);
    return new Client(connection);
  }

  /** Resolves when either side has closed. */
  get closed(): Promise<void> {
    return this.#connection.closed;
  }

  /** Whether the server is behind with reading. */
  get isBehind(): boolean {
    return this.#connection.isBehind;
  }

  /** Sends one or more whole frames. */
  send(frames: Uint8Array<ArrayBuffer>): void {
    this.#connection.send(frames);
  }

  /** Closes the connection without a close frame. */
  abandon(): void {
    this.#connection.end();
  }

  #read(bytes: DataView<ArrayBuffer>, have: number): number {
    let at = 0;
    for (let end = this.#frame(bytes, at, have); end > 0; end = this.#frame(bytes, at, have)) {
      at = end;
    }
    return at;
  }

  /** Passes on the frame at `at` and returns the offset of the next; 0 for an incomplete frame. */
  #frame(view: DataView<ArrayBuffer>, at: number, have: number): number {
    if (have - at < 4) return have - at === 2 && view.getUint8(at + 1) === 0 ? at + 2 : 0;
    const opcode = view.getUint8(at) & 15;
    const short = view.getUint8(at + 1);
    if (short === 127) throw new Error("The server sent a frame of more than 64 KiB");
    const start = short === 126 ? at + 4 : at + 2;
    const length = short === 126 ? view.getUint16(at + 2) : short;
    if (start + length > have) return 0;
    if (opcode === BINARY) this.onBinary(view, start, length);
    else if (opcode === TEXT) {
      this.onText(decoder.decode(new Uint8Array(view.buffer, start, length)));
    } else if (opcode === PING) this.send(frame(PONG, new Uint8Array(0)));
    return start + length;
  }
}

/** A masked text frame. */
export function textFrame(text: string): Uint8Array<ArrayBuffer> {
  return frame(TEXT, encoder.encode(text));
}

/** A masked binary frame; the payload is its end. */
export function binaryFrame(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return frame(BINARY, payload);
}

function frame(opcode: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  if (length > 0xffff) {
    throw new Error(`Cannot send ${length} bytes: frames hold up to 64 KiB here`);
  }
  const size = length < 126 ? [length] : [126, length >> 8, length & 0xff];
  const head = [FINAL | opcode, MASKED | size[0]!, ...size.slice(1), ...Array(MASK_BYTES).fill(0)];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
