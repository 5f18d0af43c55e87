/**
 * TCP connections of a load. One thread polls all of them and shares one buffer for reading, so that a
 * frame costs little more than its system calls.
 * @module
 */
import { setImmediate } from "node:timers";
import { close, connectTo, Epoll, receive, send } from "./libc.ts";

/** The longest wait for sockets; timers must not wait longer. */
const TURN_MS = 1;
/** The most connections that one turn serves. */
const MOST_AT_ONCE = 256;
const READ_BYTES = 256 * 1024;

const epoll = new Epoll(MOST_AT_ONCE);
const open = new Map<number, Connection>();
const read = new Uint8Array(READ_BYTES);
const readView = new DataView(read.buffer);
let turns: (() => void)[] = [];
let polling = false;

/** Resolves after the next poll of all connections. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    turns.push(resolve);
    poll();
  });
}

function poll(): void {
  if (polling) return;
  polling = true;
  setImmediate(pollOnce);
}

function pollOnce(): void {
  polling = false;
  epoll.wait(TURN_MS, (fd) => open.get(fd)?.ready());
  const awaited = turns;
  turns = [];
  for (const resolve of awaited) resolve();
  if (open.size > 0 || turns.length > 0) poll();
}

/**
 * Takes received bytes: the first `have` bytes of a buffer that is reused afterwards. Returns how many it
 * takes; the next call gets the rest again.
 */
export type Received = (bytes: DataView<ArrayBuffer>, have: number) => number;

/** One open connection. */
export class Connection {
  received: Received = (_, have) => have;
  /** Resolves when either side has closed. */
  readonly closed: Promise<void>;
  readonly #fd: number;
  readonly #close: () => void;
  /** The beginning of an incomplete frame. */
  #rest: Uint8Array<ArrayBuffer> | undefined;
  #backlog: Uint8Array<ArrayBuffer>[] | undefined;

  /**
   * Connects to a port of this machine.
   * @throws {Error} when nobody listens
   */
  constructor(port: number) {
    this.#fd = connectTo(port);
    ({ promise: this.closed, resolve: this.#close } = Promise.withResolvers<void>());
    open.set(this.#fd, this);
    epoll.add(this.#fd);
    poll();
  }

  /** Whether bytes wait to be sent. */
  get isBehind(): boolean {
    return this.#backlog !== undefined;
  }

  /** Sends the bytes. They may change afterwards. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (open.get(this.#fd) !== this) return;
    if (this.#backlog !== undefined) return void this.#backlog.push(bytes.slice());
    const sent = send(this.#fd, bytes);
    if (sent < 0) return this.end();
    if (sent === bytes.length) return;
    this.#backlog = [bytes.slice(sent)];
    epoll.awaitWritable(this.#fd, true);
  }

  /** Closes the connection. */
  end(): void {
    if (open.get(this.#fd) !== this) return;
    open.delete(this.#fd);
    close(this.#fd);
    this.#close();
  }

  /** The socket is readable, or writable again. */
  ready(): void {
    if (this.#backlog !== undefined) this.#sendOn();
    const before = this.#rest?.length ?? 0;
    if (before > 0) read.set(this.#rest!);
    const count = receive(this.#fd, read.subarray(before));
    if (count < 0) return;
    if (count === 0) return this.end();
    const have = before + count;
    const taken = this.received(readView, have);
    if (have - taken === READ_BYTES) throw new Error(`Cannot take ${have} bytes at once`);
    this.#rest = taken < have ? read.slice(taken, have) : undefined;
  }

  #sendOn(): void {
    const waiting = this.#backlog!;
    while (waiting.length > 0) {
      const sent = send(this.#fd, waiting[0]!);
      if (sent < 0) return this.end();
      if (sent < waiting[0]!.length) {
        waiting[0] = waiting[0]!.subarray(sent);
        return;
      }
      waiting.shift();
    }
    this.#backlog = undefined;
    epoll.awaitWritable(this.#fd, false);
  }
}
