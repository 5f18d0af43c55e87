/**
 * The client side of a door: a WebSocket client with the door's own wire. It validates what it sends
 * and parses what it receives by the schemas of the server.
 *
 * It uses `ws`, as jambonz does, instead of Deno's client. Deno's delays small frames by Nagle's
 * algorithm, which adds up to 40 ms to measurements. It can neither drop a connection nor report
 * why a server refused the upgrade.
 * @module
 */
// @ts-types="@types/ws"
import WebSocketClient from "ws";
import type { z } from "zod";
import { encode } from "../../session/encode.ts";
import { POWERED_BY } from "../../session/handshake.ts";
import { decode, type Wire, wire } from "../../session/wire.ts";
import type { EventQueue } from "./event_queue.ts";

/** The messages that a peer sends on this wire. */
export type Sent<W extends Wire> = z.input<W["heard"]>;

/** The messages that a peer receives on this wire. */
export type Received<W extends Wire> = z.output<W["said"]>;

/** How a peer connects to a door. */
export interface Approach {
  readonly url: string;
  readonly subprotocol?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The header with an API key; none without a key. */
export function bearer(key: string | undefined): Readonly<Record<string, string>> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}

/** The server did not open the socket; the message says how it refused. */
export class CannotConnect extends Error {
  override readonly name = "CannotConnect";
}

/** The time for a handshake, as a jambonz server has it. */
const HANDSHAKE_MS = 1500;
/** The time to answer a close frame. */
const CLOSE_MS = 1000;

/** One open socket. Its events go to the queue that it was opened with. */
export class PeerSocket<W extends Wire> {
  /** Resolves when either side has closed the socket. */
  readonly closed: Promise<void>;
  /** Whether the server identifies itself as Tipring, and so has its habits. */
  readonly isTipring: boolean;
  readonly #socket: WebSocketClient;
  readonly #wire: W;

  private constructor(
    socket: WebSocketClient,
    peerWire: W,
    { closed, isTipring }: Pick<PeerSocket<W>, "closed" | "isTipring">,
  ) {
    this.#socket = socket;
    this.#wire = peerWire;
    this.closed = closed;
    this.isTipring = isTipring;
  }

  /**
   * Opens a socket.
   * @throws {CannotConnect} when the server does not upgrade it in time
   */
  static async open<W extends Wire>(
    peerWire: W,
    { url, subprotocol, headers }: Approach,
    events: EventQueue<Received<W>>,
  ): Promise<PeerSocket<W>> {
    const reversed = reverse(peerWire);
    const socket = new WebSocketClient(url, subprotocol === undefined ? [] : [subprotocol], {
      headers: { ...headers },
      handshakeTimeout: HANDSHAKE_MS,
      perMessageDeflate: false,
    });
    const opened = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    let isOpen = false;
    let isTipring = false;
    socket.on("upgrade", ({ headers }) => {
      isTipring = headers[POWERED_BY.header] === POWERED_BY.value;
    });
    socket.on("open", () => {
      isOpen = true;
      opened.resolve();
    });
    socket.on("error", ({ message }) => opened.reject(new CannotConnect(`${url}: ${message}`)));
    socket.on("message", (data: Uint8Array, isBinary) => {
      const frame = new Uint8Array(data);
      if (isBinary) return events.push({ kind: "audio", bytes: frame });
      const event = decode(reversed, utf8.decode(frame));
      const frameBytes = frame.length;
      if (event.kind === "message") {
        events.push({ kind: "message", message: event.message as Received<W>, frameBytes });
      } else if (event.kind === "malformed") events.push({ ...event, frameBytes });
    });
    socket.on("close", (code, reason: Uint8Array) => {
      if (isOpen) events.push({ kind: "closed", code, reason: utf8.decode(reason) });
      closed.resolve();
    });
    try {
      await opened.promise;
    } catch (error) {
      await closed.promise;
      throw error;
    }
    return new PeerSocket(socket, peerWire, { closed: closed.promise, isTipring });
  }

  /**
   * Sends a message. `frames` replace its text where the simulated server deviates from its
   * document.
   * @throws {TypeError} when the wire does not have the message: a mistake of the simulator
   */
  send(message: Sent<W>, frames: readonly object[] = [message as object]): void {
    const text = encode(message as object);
    const parsed = this.#wire.heard.safeParse(JSON.parse(text));
    if (!parsed.success) throw new TypeError(`Cannot send ${text}: ${parsed.error.message}`);
    if (this.#socket.readyState !== WebSocketClient.OPEN) return;
    for (const frame of frames) this.#socket.send(encode(frame));
  }

  /** Sends a frame of audio. */
  play(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocketClient.OPEN) this.#socket.send(bytes);
  }

  /** Resolves when everything that the server has sent so far is read, or the socket is closed. */
  async caughtUp(): Promise<void> {
    if (this.#socket.readyState !== WebSocketClient.OPEN) return;
    // A pong follows everything that the server sent before the ping arrived.
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.once("pong", () => resolve());
    this.#socket.ping();
    await Promise.race([promise, this.closed]);
    // The reader of the queue runs before the next turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve));
  }

  /** Drops the connection without a close frame. */
  async drop(): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }

  /** Closes, and resolves when the server has answered or its time is over. */
  async close(code = 1000): Promise<void> {
    this.#socket.close(code);
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_MS);
    await this.closed;
    clearTimeout(timer);
  }
}

const utf8 = new TextDecoder();

/** The same wire from the other side. */
function reverse<W extends Wire>(peerWire: W): Wire {
  return wire({
    tag: peerWire.tag,
    heard: peerWire.said,
    said: peerWire.heard,
    exactNumbers: peerWire.exactNumbers,
  });
}
