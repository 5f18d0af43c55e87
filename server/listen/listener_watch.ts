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

/** Who hears of what the watch finds. */
export interface WatchPorts {
  /** Hears of each closing and reopening. */
  readonly report: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  /** The server cannot listen again: the watch has ended. */
  readonly lost: (error: Error) => void;
}

const LOOK_EVERY_MS = 1000;
/** The most failed attempts to listen again. At the limit of open files there is no such limit. */
const TRIES = 3;
const TOO_MANY_FILES: readonly (string | undefined)[] = ["EMFILE", "ENFILE"];

/** Watches one server that listens, until it is stopped. */
export class ListenerWatch {
  readonly #server: Server;
  readonly #place: Place;
  readonly #ports: WatchPorts;
  /** Whether a connection has come since the last proof that the server hears: it may be the last. */
  #isUnproven = false;
  /** A connection of our own, which the server must hear. */
  #probe: Socket | undefined;
  /** The ports of the clients that were heard since it began. */
  readonly #heardPorts = new Set<number | undefined>();
  #wasOpen = false;
  #isClosed = false;
  #refusals = 0;
  #interval: ReturnType<typeof setInterval> | undefined;

  constructor(server: Server, place: Place, ports: WatchPorts) {
    this.#server = server;
    this.#place = place;
    this.#ports = ports;
    server.on("listening", () => this.#opened());
    server.on("error", (error) => this.#refused(error));
    this.#interval = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** A connection has come; it may be our own. */
  heard({ remotePort }: Socket): void {
    if (this.#probe === undefined) this.#isUnproven = true;
    else this.#heardPorts.add(remotePort);
  }

  /** The server shall listen no more. */
  stop(): void {
    clearInterval(this.#interval);
    this.#interval = undefined;
    this.#endProbe();
  }

  #look(): void {
    if (!this.#server.listening) {
      if (!this.#isClosed) this.#closed("a listener has ended by itself");
      return this.#listen();
    }
    const probe = this.#probe;
    if (probe === undefined) {
      if (this.#isUnproven) this.#begin();
      return;
    }
    if (this.#heardPorts.has(probe.localPort)) {
      this.#isUnproven = this.#heardPorts.size > 1;
      return this.#endProbe();
    }
    const isOpen = probe.readyState === "open";
    // Between two looks the server has polled: what it has not heard by then it will not hear.
    if (isOpen && !this.#wasOpen) {
      this.#wasOpen = true;
      return;
    }
    // A probe that failed says nothing: there may be no file for it.
    this.#isUnproven = true;
    this.#endProbe();
    if (isOpen) this.#reopen();
  }

  #begin(): void {
    const { port, host } = this.#place;
    this.#isUnproven = false;
    this.#wasOpen = false;
    this.#heardPorts.clear();
    this.#probe = connect(port, LOCAL[host] ?? host);
    this.#probe.on("error", ignore);
  }

  #endProbe(): void {
    this.#probe?.destroy();
    this.#probe = undefined;
  }

  #reopen(): void {
    this.#closed("a listener hears nothing, and is opened again");
    this.#server.close();
    // The address is free when the old handle is gone.
    setImmediate(() => this.#listen());
  }

  #listen(): void {
    if (this.#interval === undefined || this.#server.listening) return;
    const { port, host } = this.#place;
    this.#server.listen(port, host);
  }

  #closed(how: string): void {
    this.#isClosed = true;
    this.#refusals = 0;
    this.#ports.report(how, { port: this.#place.port });
  }

  #opened(): void {
    if (!this.#isClosed || this.#interval === undefined) return;
    this.#isClosed = false;
    this.#ports.report("a listener is open again", { port: this.#place.port });
  }

  /** Somebody may have taken the address while nobody listened on it. */
  #refused(error: NodeJS.ErrnoException): void {
    if (!this.#isClosed || this.#interval === undefined) return;
    if (TOO_MANY_FILES.includes(error.code) || ++this.#refusals < TRIES) return;
    this.stop();
    this.#ports.lost(error);
  }
}

/** Where a server that listens everywhere is reached from here. */
const LOCAL: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

function ignore(): void {}
