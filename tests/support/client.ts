/**
 * A WebSocket client that collects its messages for tests.
 * @module
 */
import { Arrivals, within } from "./arrivals.ts";

/** A JSON message. */
export type Message = Readonly<Record<string, unknown>>;
/** The content of a frame. */
export type Frame = Message | Uint8Array;
/** How a socket was closed. */
export type Closing = Pick<CloseEvent, "code" | "reason">;

/** The headers of a client. */
export interface ClientOptions {
  readonly protocols?: string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** One client. */
export class Client implements AsyncDisposable {
  readonly frames: Arrivals<Frame> = new Arrivals();
  /** Resolves when the socket has closed. */
  readonly closed: Promise<Closing>;
  readonly #socket: WebSocket;

  private constructor(url: string, options: ClientOptions) {
    this.#socket = new WebSocket(url, options as string[]);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.frames.push(typeof data === "string" ? JSON.parse(data) : new Uint8Array(data));
    };
    const { promise, resolve } = Promise.withResolvers<Closing>();
    this.#socket.onclose = ({ code, reason }) => {
      this.frames.end(`closed with ${code} ${reason}`);
      resolve({ code, reason });
    };
    this.closed = promise;
  }

  /** Connects; rejects when the server refuses. */
  static async open(url: string, options: ClientOptions = {}): Promise<Client> {
    const client = new Client(url, options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    client.#socket.onopen = () => resolve();
    client.#socket.onerror = (event) =>
      reject(new Error(`Cannot open ${url}: ${(event as ErrorEvent).message}`));
    await within(promise, () => `${url} does not open`);
    // From now on an error only means that `close` follows.
    client.#socket.onerror = null;
    return client;
  }

  /** The subprotocol that the server chose. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /** Sends a message as JSON, bytes as a binary frame, and text unchanged. */
  send(frame: Message | Uint8Array<ArrayBuffer> | string): void {
    const asIs = typeof frame === "string" || frame instanceof Uint8Array;
    this.#socket.send(asIs ? frame : JSON.stringify(frame));
  }

  /** The next message with these members; skips those before it. */
  async next(members: Message = {}): Promise<Message> {
    const passes = (frame: Frame) => hasMembers(frame, members);
    return await this.frames.next(passes, Deno.inspect(members)) as Message;
  }

  /** The next binary frame. */
  async nextAudio(): Promise<Uint8Array> {
    const isAudio = (frame: Frame) => frame instanceof Uint8Array;
    return await this.frames.next(isAudio, "audio") as Uint8Array;
  }

  /** Every message so far. */
  get messages(): Message[] {
    return this.frames.all.filter((frame): frame is Message => !(frame instanceof Uint8Array));
  }

  /** Closes the socket and resolves when it is closed. */
  async close(code = 1000): Promise<Closing> {
    this.#socket.close(code);
    return await this.whenClosed();
  }

  /** How the socket was closed. */
  async whenClosed(): Promise<Closing> {
    return await within(this.closed, () => `it stays open, having heard ${this.#told()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close();
    await this.whenClosed();
  }

  #told(): string {
    return Deno.inspect(this.frames.all.slice(-8));
  }
}

function hasMembers(frame: Frame, members: Message): boolean {
  if (frame instanceof Uint8Array) return false;
  return Object.entries(members).every(([name, value]) => frame[name] === value);
}
