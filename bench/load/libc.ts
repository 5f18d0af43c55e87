/**
 * Direct system calls for sockets. With Deno's own sockets the load costs as much as the server, and the
 * bench measures its own limits. Linux only, as is the bench.
 * @module
 */

const { symbols } = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  // Sizes are 64 bits wide, but a bigint for each call would cost more than the call.
  send: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
});

const AF_INET = 2;
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_MOD = 3;
const EPOLLIN = 1;
const EPOLLOUT = 4;
const EAGAIN = 11;
const LOOPBACK = [127, 0, 0, 1];

/** The error of the last call, as a number of errno(3). */
function errno(): number {
  return new Deno.UnsafePointerView(symbols.__errno_location()!).getInt32();
}

/**
 * Connects to a port of this machine.
 * @returns the file descriptor
 * @throws {Error} when nobody listens
 */
export function connectTo(port: number): number {
  const fd = symbols.socket(AF_INET, SOCK_STREAM_CLOEXEC, 0);
  const address = new Uint8Array(16);
  address.set([AF_INET, 0, port >> 8, port & 0xff, ...LOOPBACK]);
  if (fd < 0 || symbols.connect(fd, address, address.length) !== 0) {
    throw new Error(`Cannot connect to port ${port}: errno ${errno()}`);
  }
  symbols.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, new Uint8Array([1, 0, 0, 0]), 4);
  return fd;
}

/** Closes a connection. */
export function close(fd: number): void {
  symbols.close(fd);
}

/** Writes what the kernel accepts. Returns the number of bytes, or -1 if the connection is lost. */
export function send(fd: number, bytes: Uint8Array<ArrayBuffer>): number {
  const sent = symbols.send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent >= 0 ? sent : errno() === EAGAIN ? 0 : -1;
}

/** Reads received bytes. Returns their number, 0 at the end of the stream, -1 if none have arrived. */
export function receive(fd: number, into: Uint8Array<ArrayBuffer>): number {
  const read = symbols.recv(fd, into, into.length, MSG_DONTWAIT);
  return read >= 0 ? read : errno() === EAGAIN ? -1 : 0;
}

/** Waits for connections: epoll(7). */
export class Epoll {
  // The kernel packs an event on x86: 4 bytes of events, 8 of data.
  static readonly #bytes = Deno.build.arch === "x86_64" ? 12 : 16;
  static readonly #dataAt = Epoll.#bytes - 8;
  readonly #fd = symbols.epoll_create1(0);
  readonly #events: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #most: number;

  /** @param most how many connections `wait` tells of at once */
  constructor(most: number) {
    this.#most = most;
    this.#events = new Uint8Array(most * Epoll.#bytes);
    this.#view = new DataView(this.#events.buffer);
  }

  /** Adds a connection: `wait` reports when it is readable. */
  add(fd: number): void {
    this.#control(EPOLL_CTL_ADD, fd, EPOLLIN);
  }

  /** Also reports when the connection is writable, or stops doing so. */
  awaitWritable(fd: number, also: boolean): void {
    this.#control(EPOLL_CTL_MOD, fd, also ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  /** Calls `ready` for each connection with an event; returns after `forMs` at the latest. */
  wait(forMs: number, ready: (fd: number) => void): void {
    const count = symbols.epoll_wait(this.#fd, this.#events, this.#most, forMs);
    for (let index = 0; index < count; index++) {
      ready(this.#view.getInt32(index * Epoll.#bytes + Epoll.#dataAt, true));
    }
  }

  #control(operation: number, fd: number, events: number): void {
    const event = new DataView(new ArrayBuffer(Epoll.#bytes));
    event.setUint32(0, events, true);
    event.setInt32(Epoll.#dataAt, fd, true);
    symbols.epoll_ctl(this.#fd, operation, fd, new Uint8Array(event.buffer));
  }
}
