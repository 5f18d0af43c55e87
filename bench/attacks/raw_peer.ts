/**
 * A peer that sends arbitrary bytes over a plain TCP connection, and records how the server ends it.
 * @module
 */

/** How a connection ended: `code` of a close frame, if one arrived. */
export interface End {
  readonly how: "closed" | "open";
  readonly code?: number;
  readonly afterMs: number;
}

const CLOSE = 0x88;

/** One plain connection to the server. */
export class RawPeer implements Disposable {
  readonly #tcp: Deno.TcpConn;
  readonly #sinceMs = performance.now();
  #end: End | undefined;
  /** Resolves when the server has ended the connection. */
  readonly ended: Promise<End>;
  /** Everything received so far, as Latin-1. */
  received = "";

  private constructor(tcp: Deno.TcpConn) {
    this.#tcp = tcp;
    this.ended = this.#read();
  }

  /** Connects to a port of this machine. */
  static async open(port: number): Promise<RawPeer> {
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    tcp.setNoDelay(true);
    return new RawPeer(tcp);
  }

  /**
   * Opens a WebSocket.
   * @throws {Error} when the server does not upgrade
   */
  static async upgrade(port: number, path: string, subprotocol = ""): Promise<RawPeer> {
    const peer = await RawPeer.open(port);
    const offer = subprotocol === "" ? "" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
    await peer.text(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
        `Sec-WebSocket-Version: 13\r\n${offer}\r\n`,
    );
    await peer.until("\r\n\r\n");
    if (!peer.received.startsWith("HTTP/1.1 101")) {
      throw new Error(`Cannot upgrade ${path}: ${peer.received.split("\r\n")[0]}`);
    }
    peer.received = peer.received.slice(peer.received.indexOf("\r\n\r\n") + 4);
    return peer;
  }

  /** Whether the server has ended the connection. */
  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Sends a text as UTF-8; nothing when the connection is over. */
  async text(text: string): Promise<void> {
    await this.bytes(new TextEncoder().encode(text));
  }

  /** Sends bytes; nothing when the connection is over. */
  async bytes(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#tcp.write(bytes.subarray(at));
    } catch {
      // The server has ended it: see `ended`.
    }
  }

  /** Resolves when this text has arrived, or the connection is over. */
  async until(text: string): Promise<void> {
    while (!this.received.includes(text) && !this.hasEnded) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** How the connection ended, or that it is still open after so long. */
  async endWithin(ms: number): Promise<End> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = new Promise<End>((resolve) => {
      timer = setTimeout(() => resolve({ how: "open", afterMs: ms }), ms);
    });
    const end = await Promise.race([this.ended, open]);
    clearTimeout(timer);
    return end;
  }

  [Symbol.dispose](): void {
    try {
      this.#tcp.close();
    } catch {
      // It is closed already.
    }
  }

  async #read(): Promise<End> {
    const bytes = new Uint8Array(65_536);
    try {
      for (;;) {
        const read = await this.#tcp.read(bytes);
        if (read === null) break;
        for (const byte of bytes.subarray(0, read)) this.received += String.fromCharCode(byte);
        this.received = this.received.slice(-MAX_KEPT_BYTES);
      }
    } catch {
      // Reset.
    }
    const afterMs = performance.now() - this.#sinceMs;
    const at = this.received.lastIndexOf(String.fromCharCode(CLOSE));
    const code = at < 0
      ? undefined
      : this.received.charCodeAt(at + 2) * 256 + this.received.charCodeAt(at + 3);
    return this.#end = { how: "closed", afterMs, ...(code === undefined ? {} : { code }) };
  }
}

const MAX_KEPT_BYTES = 4096;

/** A frame with a mask of zeros, unless `masked` is false; `first` has the FIN bit and the opcode. */
export function frame(first: number, payload: Uint8Array, masked = true): Uint8Array {
  const { length } = payload;
  const size = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >> 8, length & 255]
    : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (length >>> shift) & 255)];
  const mask = masked ? [0, 0, 0, 0] : [];
  const head = [first, (masked ? 128 : 0) | size[0]!, ...size.slice(1), ...mask];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}
