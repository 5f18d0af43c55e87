/**
 * The other side of a door: a WebSocket client over the door's own wire. What it says is parsed
 * before it leaves, and what it hears is parsed as what the server may say.
 *
 * The client is `ws`, which jambonz itself uses, and not Deno's own: that one leaves small frames
 * waiting for the one before them to be acknowledged (Nagle), which measures 40 ms that no server
 * has taken; and it can neither lose a connection nor say why a server refused.
 * @module
 */
// @ts-types="@types/ws"
import WebSocketClient from "ws";
import type { z } from "zod";
import { encode } from "../../session/encode.ts";
import { POWERED_BY } from "../../session/handshake.ts";
import { decode, type Wire, wire } from "../../session/wire.ts";
import type { EventQueue } from "./event_queue.ts";

/** What a peer of this wire says: the messages that the server hears. */
export type Sent<W extends Wire> = z.input<W["heard"]>;

/** What a peer of this wire hears: the messages that the server says. */
export type Received<W extends Wire> = z.output<W["said"]>;

/** How a peer comes to a door. */
export interface Approach {
  readonly url: string;
  readonly subprotocol?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The header that shows a key; none without one. */
export function bearer(key: string | undefined): Readonly<Record<string, string>> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}

/** A server that does not open the socket; the message says how it refused. */
export class CannotConnect extends Error {
  override readonly name = "CannotConnect";
}

/** So long a server has for its handshake: 1.5 s is what a jambonz server gives. */
const HANDSHAKE_MS = 1500;
/** So long a server has to answer a close frame. */
const FAREWELL_MS = 1000;

/** One open socket; all that it hears goes to the events that it was opened with. */
export class PeerSocket<W extends Wire> {
  /** Resolves when the socket is closed, by either side. */
  readonly closed: Promise<void>;
  /** Whether the server says that it is Tipring, and has its habits. */
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
   * @throws {CannotConnect} when the server does not upgrade in time
   */
  static async open<W extends Wire>(
    peerWire: W,
    { url, subprotocol, headers }: Approach,
    events: EventQueue<Received<W>>,
  ): Promise<PeerSocket<W>> {
    const turned = turn(peerWire);
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
      const event = decode(turned, utf8.decode(frame));
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
   * Says a message; `frames` are how a server words it that does not keep to its document.
   * @throws {TypeError} where the wire has no such message: a mistake of the simulator, not the server
   */
  send(message: Sent<W>, frames: readonly object[] = [message as object]): void {
    const text = encode(message as object);
    const parsed = this.#wire.heard.safeParse(JSON.parse(text));
    if (!parsed.success) throw new TypeError(`Cannot say ${text}: ${parsed.error.message}`);
    if (this.#socket.readyState !== WebSocketClient.OPEN) return;
    for (const frame of frames) this.#socket.send(encode(frame));
  }

  /** Sends a frame of audio. */
  play(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocketClient.OPEN) this.#socket.send(bytes);
  }

  /** Resolves when all that the server said before now has been heard, or the socket is closed. */
  async caughtUp(): Promise<void> {
    if (this.#socket.readyState !== WebSocketClient.OPEN) return;
    // A pong comes behind everything that was sent before the ping came.
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.once("pong", () => resolve());
    this.#socket.ping();
    await Promise.race([promise, this.closed]);
    // Whoever reads the events does so before the next turn of the loop.
    await new Promise((resolve) => setTimeout(resolve));
  }

  /** Loses the connection: no close frame goes out, and none is waited for. */
  async lose(): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }

  /** Closes and resolves when the server has answered, or will not: a broken one may be mute. */
  async leave(code = 1000): Promise<void> {
    this.#socket.close(code);
    const patience = setTimeout(() => this.#socket.terminate(), FAREWELL_MS);
    await this.closed;
    clearTimeout(patience);
  }
}

const utf8 = new TextDecoder();

/** The same wire from the other side. */
function turn<W extends Wire>(peerWire: W): Wire {
  return wire({
    tag: peerWire.tag,
    heard: peerWire.said,
    said: peerWire.heard,
    ...(peerWire.exactNumbers === undefined ? {} : { exactNumbers: peerWire.exactNumbers }),
  });
}
