/**
 * Servers that behave as the inbound platform's own two reference servers do: they answer whatever
 * calls, echo whatever comes, leave the closing to the platform, and know no end of a call. Where
 * those go by seconds these go by what they hear, so that no clock decides a test.
 * @module
 */
import { within } from "./arrivals.ts";
import { Server } from "node:http";
// @ts-types="@types/ws"
import WebSocket, { WebSocketServer } from "ws";
import { Arrivals } from "./arrivals.ts";

/** In frames of the caller, since the answer. */
const TONE_AFTER = 2;
const INTERRUPT_AFTER = 3;
const HANGS_UP_AFTER = 10;

const HANGUP = { event: "hangup" };

type Message = Readonly<Record<string, unknown>>;

/** How one of them echoes. */
export interface Reference {
  /** A frame of the caller. */
  echo(frame: Uint8Array, play: (frame: Uint8Array) => void): void;
  /** It has just said hangup. */
  hungUp(play: (frame: Uint8Array) => void): void;
}

/** Echoes each frame as it comes. */
export function echoesAtOnce(): Reference {
  return { echo: (frame, play) => play(frame), hungUp() {} };
}

/** Has the echo of one frame under way all the time, also as it hangs up. */
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

/** One of them, on a port of its own. It hangs up when it has heard a key, and ten frames. */
export class ReferenceServer implements AsyncDisposable {
  /** Every message that it heard, on whatever socket. */
  readonly heard: Message[] = [];
  /** With which codes the platform closed its sockets. */
  readonly closes: Arrivals<number> = new Arrivals();
  readonly #http = new Server();
  readonly #sockets = new WebSocketServer({ server: this.#http });

  private constructor(make: () => Reference) {
    this.#sockets.on("connection", (socket) => this.#serve(socket, make()));
  }

  /** Starts one. */
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
