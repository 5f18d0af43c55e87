/**
 * Notices that a listener of `node:net` has become deaf, and lets it listen again. In Deno it goes
 * deaf without a word at the limit of open files: what comes after is in the kernel's queue for ever.
 * @module
 */
import { connect, type Server, type Socket } from "node:net";
import { setImmediate } from "node:timers";

/** Where a server listens. */
export interface Place {
  readonly port: number;
  readonly host: string;
}

const LOOK_EVERY_MS = 1000;

/** Watches one server from its first `listening` to its `close`. */
export class ListenerWatch {
  readonly #server: Server;
  readonly #place: Place;
  /** Whether connections have come since the server was last proven to hear: any may be the last. */
  #isUnproven = false;
  #probe: Socket | undefined;
  #interval: ReturnType<typeof setInterval> | undefined;

  constructor(server: Server, place: Place) {
    this.#server = server;
    this.#place = place;
    this.#interval = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** A connection has come. True when it is ours, and nobody else's business. */
  heard({ remotePort }: Socket): boolean {
    const isOurs = this.#probe !== undefined && this.#probe.localPort === remotePort;
    if (isOurs) {
      this.#endProbe();
      this.#isUnproven = false;
    } else this.#isUnproven = true;
    return isOurs;
  }

  /** The server listens no more. */
  stop(): void {
    clearInterval(this.#interval);
    this.#interval = undefined;
    this.#endProbe();
  }

  #look(): void {
    if (!this.#server.listening) return this.#listen();
    if (!this.#isUnproven) return;
    // The last one is connected, but a second was not enough to hear it.
    if (this.#probe?.readyState === "open") {
      this.#endProbe();
      this.#server.close();
      // The address is free when the old handle is gone.
      setImmediate(() => this.#listen());
      return;
    }
    this.#endProbe();
    const { port, host } = this.#place;
    this.#probe = connect(port, host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host);
    // Where no file can be opened, it fails and is tried again.
    this.#probe.on("error", ignore);
  }

  #listen(): void {
    if (this.#interval === undefined || this.#server.listening) return;
    const { port, host } = this.#place;
    this.#server.listen(port, host);
  }

  #endProbe(): void {
    this.#probe?.destroy();
    this.#probe = undefined;
  }
}

function ignore(): void {}
