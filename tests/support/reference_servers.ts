/**
 * Servers like the two reference servers of the inbound platform: they answer every call, echo all
 * audio, leave the closing to the platform, and ignore the end of a call. They act on received
 * frames instead of times, so that no clock decides a test.
 * @module
 */
import { within } from "./arrivals.ts";
import { Server } from "node:http";
// @ts-types="@types/ws"
import WebSocket, { WebSocketServer } from "ws";
import { Arrivals } from "./arrivals.ts";

/** In frames of the caller since the answer. */
const TONE_AFTER = 2;
const INTERRUPT_AFTER = 3;
const HANGS_UP_AFTER = 10;

const HANGUP = { event: "hangup" };

type Message = Readonly<Record<string, unknown>>;

/** How one of them echoes. */
export interface Reference {
  /** A frame of the caller. */
  echo(frame: Uint8Array, play: (frame: Uint8Array) => void): void;
  /** Called after its hangup. */
  hungUp(play: (frame: Uint8Array) => void): void;
}

/** Echoes each frame immediately. */
export function echoesAtOnce(): Reference {
  return { echo: (frame, play) => play(frame), hungUp() {} };
}

/** Always has the echo of one frame in flight, even at its hangup. */
export function echoesInTurn(): Reference {
  let underWay: Uint8Array | undefined;
  return {
    echo(frame, play) {
      if (underWay !== undefined) play(underWay);
      underWay = frame;
    },
    hungUp(play) {
      if (underWay !== undefined) play(underWay);
    },
  };
}

/** One of them, on its own port. It hangs up after a key and ten frames. */
export class ReferenceServer implements AsyncDisposable {
  /** Every received message, on any socket. */
  readonly heard: Message[] = [];
  /** The close codes of the platform. */
  readonly closes: Arrivals<number> = new Arrivals();
  readonly #http = new Server();
  readonly #sockets = new WebSocketServer({ server: this.#http });

  private constructor(make: () => Reference) {
    this.#sockets.on("connection", (socket) => this.#serve(socket, make()));
  }

  /** Starts a server. */
  static async start(make: () => Reference): Promise<ReferenceServer> {
    const server = new ReferenceServer(make);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.#http.listen(0, "127.0.0.1", resolve);
    await within(promise, () => "the reference server does not listen");
    return server;
  }

  /** Its address. */
  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as { port: number }).port}/`;
  }

  #serve(socket: WebSocket, reference: Reference): void {
    let frames = 0;
    let keys = 0;
    let hungUp = false;
    const say = (message: Message) => socket.send(JSON.stringify(message));
    const play = (frame: Uint8Array) => socket.send(frame);
    const goOn = () => {
      if (hungUp || keys === 0 || frames < HANGS_UP_AFTER) return;
      hungUp = true;
      say(HANGUP);
      reference.hungUp(play);
    };
    socket.on("message", (data: Uint8Array, isBinary) => {
      if (isBinary) {
        frames++;
        if (frames === TONE_AFTER) say({ event: "dtmf", digit: "1", duration: 200 });
        if (frames === INTERRUPT_AFTER) say({ event: "interrupt" });
        reference.echo(new Uint8Array(data), play);
      } else {
        const message: Message = JSON.parse(new TextDecoder().decode(data));
        this.heard.push(message);
        if (message["event"] === "incoming_call") say({ event: "answer" });
        if (message["event"] === "dtmf") keys++;
      }
      goOn();
    });
    socket.on("close", (code) => this.closes.push(code));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#http.close(() => resolve());
    await within(promise, () => "the reference server does not close");
  }
}
