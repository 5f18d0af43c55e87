/**
 * A client's socket whose messages can be awaited one by one.
 * @module
 */
import type { Json } from "./logs.ts";

const OPEN_WITHIN_MS = 5000;
/** The close code of a lost connection. */
export const LOST = 1006;

/** An open socket. */
export class ClientSocket {
  readonly #socket: WebSocket;
  readonly #heard: Json[] = [];
  readonly #closed = Promise.withResolvers<number>();
  #waiting: ((message: Json | undefined) => void) | undefined;
  #code: number | undefined;
  #audioFrames = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.#hear(JSON.parse(data));
      else this.#audioFrames++;
    };
    socket.onerror = (event) => event.preventDefault();
    socket.onclose = ({ code }) => this.#close(code === 0 ? LOST : code);
  }

  /** Opens a socket; undefined without a server or when it is refused. */
  static async open(
    url: string,
    protocols: readonly string[] = [],
  ): Promise<ClientSocket | undefined> {
    const socket = new WebSocket(url, [...protocols]);
    const client = new ClientSocket(socket);
    const opened = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        socket.close();
        resolve(false);
      }, OPEN_WITHIN_MS);
      const settle = (open: boolean) => {
        clearTimeout(timer);
        resolve(open);
      };
      socket.onopen = () => settle(true);
      client.closed.then(() => settle(false));
    });
    return opened ? client : undefined;
  }

  /** Resolves with the close code. */
  get closed(): Promise<number> {
    return this.#closed.promise;
  }

  /** Whether it is open. */
  get isOpen(): boolean {
    return this.#code === undefined;
  }

  /** How many binary frames it has received. */
  get audioFrames(): number {
    return this.#audioFrames;
  }

  /** Sends a message, which is lost with the socket. */
  send(message: Json | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(message instanceof Uint8Array ? message : JSON.stringify(message));
  }

  /** Closes the socket. Resolves with its close code. */
  close(code = 1000): Promise<number> {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code);
    return this.closed;
  }

  /** The next message; undefined after the last one of a closed socket. */
  next(): Promise<Json | undefined> {
    const message = this.#heard.shift();
    if (message !== undefined || this.#code !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => this.#waiting = resolve);
  }

  #hear(message: Json): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#heard.push(message);
    else waiting(message);
  }

  #close(code: number): void {
    if (this.#code !== undefined) return;
    this.#code = code;
    this.#closed.resolve(code);
    this.#waiting?.(undefined);
  }
}
