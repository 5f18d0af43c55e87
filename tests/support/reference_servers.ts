/**
 * Servers that behave as the inbound platform's own two reference servers do: they answer whatever
 * calls, echo whatever comes, leave the closing to the platform, and know no end of a call. Their
 * seconds are shortened to hundredths.
 * @module
 */
import { Server } from "node:http";
// @ts-types="@types/ws"
import WebSocket, { WebSocketServer } from "ws";

/** A hundredth of the five seconds until the answer, and so on. */
const SCALE = 100;
const ANSWERS_AFTER_MS = 5000 / SCALE;
const TONE_AFTER_MS = 2000 / SCALE;
const INTERRUPT_AFTER_MS = 3000 / SCALE;
const HANGS_UP_AFTER_MS = 10_000 / SCALE;

const ANSWER = { event: "answer" };
const TONE = { event: "dtmf", digit: "1", duration: 200 };
const INTERRUPT = { event: "interrupt" };
const HANGUP = { event: "hangup" };

type Message = Readonly<Record<string, unknown>>;

/** How one of them goes about it. */
export interface Reference {
  /** Plays a call; what it does not clear by itself stops when the signal is given. */
  call(say: (message: Message) => void, over: AbortSignal): void;
  /** Echoes a frame. */
  echo(frame: Uint8Array, play: (frame: Uint8Array) => void): void;
}

/** Sets all its timers at once, and echoes each frame as it comes. */
export function byTimers(): Reference {
  return {
    call(say, over) {
      const after = (ms: number, run: () => void) => {
        const id = setTimeout(run, ms);
        over.addEventListener("abort", () => clearTimeout(id));
      };
      after(ANSWERS_AFTER_MS, () => {
        say(ANSWER);
        after(TONE_AFTER_MS, () => say(TONE));
        after(INTERRUPT_AFTER_MS, () => say(INTERRUPT));
        after(HANGS_UP_AFTER_MS, () => say(HANGUP));
      });
    },
    echo: (frame, play) => play(frame),
  };
}

/** Does one thing after the other in a task, with the echo of a frame always under way. */
export function byTasks(): Reference {
  let underWay: Uint8Array | undefined;
  let flush = () => {};
  return {
    async call(say, over) {
      const pause = (ms: number) =>
        new Promise<void>((resolve) => {
          const id = setTimeout(resolve, ms);
          over.addEventListener("abort", () => {
            clearTimeout(id);
            resolve();
          });
        });
      await pause(ANSWERS_AFTER_MS);
      say(ANSWER);
      await pause(TONE_AFTER_MS);
      say(TONE);
      await pause(INTERRUPT_AFTER_MS - TONE_AFTER_MS);
      say(INTERRUPT);
      await pause(HANGS_UP_AFTER_MS - INTERRUPT_AFTER_MS);
      say(HANGUP);
      flush();
    },
    echo(frame, play) {
      if (underWay !== undefined) play(underWay);
      underWay = frame;
      flush = () => play(frame);
    },
  };
}

/** One of them, on a port of its own. */
export class ReferenceServer implements AsyncDisposable {
  /** Every message that it heard, on whatever socket. */
  readonly heard: Message[] = [];
  /** With which codes its sockets were closed, by the platform. */
  readonly closes: number[] = [];
  /** How many frames it played behind its own hangup. */
  playedBehindHangup = 0;
  readonly #http = new Server();
  readonly #sockets = new WebSocketServer({ server: this.#http });
  readonly #over = new AbortController();

  private constructor(make: () => Reference) {
    this.#sockets.on("connection", (socket) => this.#serve(socket, make()));
  }

  /** Starts one. */
  static async start(make: () => Reference): Promise<ReferenceServer> {
    const server = new ReferenceServer(make);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.#http.listen(0, "127.0.0.1", resolve);
    await promise;
    return server;
  }

  /** Its address. */
  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as { port: number }).port}/`;
  }

  #serve(socket: WebSocket, reference: Reference): void {
    let hungUp = false;
    const say = (message: Message) => {
      hungUp ||= message === HANGUP;
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    };
    const play = (frame: Uint8Array) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (hungUp) this.playedBehindHangup++;
      socket.send(frame);
    };
    socket.on("message", (data: Uint8Array, isBinary) => {
      if (isBinary) return reference.echo(new Uint8Array(data), play);
      const message: Message = JSON.parse(new TextDecoder().decode(data));
      this.heard.push(message);
      if (message["event"] === "incoming_call") reference.call(say, this.#over.signal);
    });
    socket.on("close", (code) => this.closes.push(code));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#http.close(() => resolve());
    await promise;
  }
}
