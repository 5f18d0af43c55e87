/**
 * Apps that tests write, and servers whose calls get them.
 * @module
 */
import type { InboundApp } from "../../protocols/inbound_call/ports.ts";
import { TestServer, type TestServerOptions } from "./server.ts";

/** The file of an app, removed after the test. */
export class AppFile implements Disposable {
  readonly path: string = Deno.makeTempFileSync({ suffix: ".ts" });

  /** `body` is the code of the app; it has a `call`. */
  constructor(body: string) {
    this.write(body);
  }

  /** Replaces the app. */
  write(body: string): void {
    Deno.writeTextFileSync(this.path, `export default async function app(call) {\n${body}\n}\n`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path);
  }
}

let gates = 0;

/** Stops an app until the test releases it. */
export class Gate implements Disposable {
  readonly #name = `gate${++gates}`;
  readonly #opened = Promise.withResolvers<void>();

  constructor() {
    Object.assign(globalThis, { [this.#name]: this.#opened.promise });
  }

  /** Code that stops the app at this point. */
  get wait(): string {
    return `await globalThis.${this.#name};`;
  }

  open(): void {
    this.#opened.resolve();
  }

  [Symbol.dispose](): void {
    Reflect.deleteProperty(globalThis, this.#name);
  }
}

/** A server with this app for all calls. */
export function serverWith(
  app: string,
  { settings, ...options }: TestServerOptions = {},
): Promise<TestServer> {
  return TestServer.start({ ...options, settings: { APP: app, ...settings } });
}

/** An inbound app controlled by the test: every 20 ms one of its frames is due. */
export function scriptedApp(): {
  readonly app: InboundApp;
  readonly told: unknown[][];
  play(frame: Uint8Array<ArrayBuffer>): void;
  interrupt(): void;
} {
  const told: unknown[][] = [];
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  let interrupts = false;
  const app: InboundApp = {
    begin: () => void told.push(["begin"]),
    audio: (bytes) => void told.push(["audio", bytes]),
    playout: {
      get idle() {
        return waiting.length === 0;
      },
      drop: () => void waiting.splice(0),
      due() {
        const frames = waiting.splice(0, 1);
        const due = { interrupts, frames, againInMs: frames.length === 0 ? undefined : 20 };
        interrupts = false;
        return due;
      },
    },
  };
  return {
    app,
    told,
    play: (frame) => void waiting.push(frame),
    interrupt() {
      waiting.splice(0);
      interrupts = true;
    },
  };
}

/** 20 ms of 8 kHz PCM, distinguished by its number. */
export function frame(number: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(320).fill(number % 251);
}
