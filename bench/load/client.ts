/**
 * A WebSocket client that costs less CPU than the server it measures: prepared frames over a plain
 * TCP connection, masked with a key of zeros, so that masking changes nothing.
 * @module
 */

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
const READ_BYTES = 4096;

/** One open connection. Incoming messages go to the two handlers. */
export class Client {
  /** Called with the place of each binary frame in `bytes`, a buffer that is reused afterwards. */
  onBinary: (bytes: DataView, offset: number, length: number) => void = () => {};
  onText: (text: string) => void = () => {};
  /** Resolves when either side has closed. */
  readonly closed: Promise<void>;
  readonly #tcp: Deno.TcpConn;
  readonly #backlog: Uint8Array[] = [];
  #writing = false;

  private constructor(tcp: Deno.TcpConn) {
    this.#tcp = tcp;
    this.closed = this.#read().catch(() => {});
  }

  /**
   * Opens a connection.
   * @throws {Error} when the server does not upgrade it
   */
  static async open({ port, path, subprotocol }: Door): Promise<Client> {
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    tcp.setNoDelay(true);
    const offer = subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
    await tcp.write(encoder.encode(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
        `Sec-WebSocket-Version: 13\r\n${offer}\r\n`,
    ));
    const head = new Uint8Array(READ_BYTES);
    let answer = "";
    // The server sends nothing unasked, so nothing follows the head.
    while (!answer.endsWith("\r\n\r\n")) {
      const read = await tcp.read(head);
      if (read === null) throw new Error(`${path} closed during the handshake`);
      answer += decoder.decode(head.subarray(0, read));
    }
    if (!answer.startsWith("HTTP/1.1 101")) throw new Error(`${path} answered ${answer}`);
    return new Client(tcp);
  }

  /** Whether a write is in progress; its bytes must not change. */
  get writing(): boolean {
    return this.#writing;
  }

  /** Sends one or more whole frames. */
  send(frames: Uint8Array): void {
    if (this.#writing) this.#backlog.push(frames);
    else this.#write(frames).catch(() => {});
  }

  /** Closes the connection without a close frame. */
  abandon(): void {
    try {
      this.#tcp.close();
    } catch {
      // The server has closed it already.
    }
  }

  async #write(frames: Uint8Array): Promise<void> {
    this.#writing = true;
    for (let next: Uint8Array | undefined = frames; next !== undefined;) {
      const written: number = await this.#tcp.write(next);
      next = written < next.length ? next.subarray(written) : this.#backlog.shift();
    }
    this.#writing = false;
  }

  async #read(): Promise<void> {
    let bytes = new Uint8Array(READ_BYTES);
    let view = new DataView(bytes.buffer);
    let have = 0;
    for (;;) {
      const read = await this.#tcp.read(have === 0 ? bytes : bytes.subarray(have));
      if (read === null) return;
      have += read;
      let at = 0;
      for (let end = this.#frame(view, at, have); end > 0; end = this.#frame(view, at, have)) {
        at = end;
      }
      if (at === 0 && have === bytes.length) {
        const larger = new Uint8Array(bytes.length * 4);
        larger.set(bytes);
        bytes = larger;
        view = new DataView(bytes.buffer);
      } else if (at < have) bytes.copyWithin(0, at, have);
      have -= at;
    }
  }

  /** Passes on the frame at `at` and returns the offset of the next; 0 for an incomplete frame. */
  #frame(view: DataView, at: number, have: number): number {
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
export function textFrame(text: string): Uint8Array {
  return frame(TEXT, encoder.encode(text));
}

/** A masked binary frame; the payload is its end. */
export function binaryFrame(payload: Uint8Array): Uint8Array {
  return frame(BINARY, payload);
}

function frame(opcode: number, payload: Uint8Array): Uint8Array {
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
