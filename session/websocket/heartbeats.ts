/**
 * Pings silent peers and drops dead ones, with one timer for all sockets of the same heartbeat.
 * @module
 */

/** The part of a socket that a heartbeat needs. */
export interface Beating {
  /** How many beats have passed since the socket last received something. */
  silentBeats: number;
  ping(): void;
  /** The peer is dead. */
  giveUp(): void;
}

/** The number of beats in a heartbeat. The first may come at once. */
const BEATS = 4;
const PING_AT = BEATS / 2 + 1;
const GIVE_UP_AT = BEATS + 1;
/** Sockets are checked in groups, so that a beat of thousands delays no audio. */
const MOST_GROUPS = 64;
const GROUP_MS = 50;

/** The sockets with one heartbeat. */
export class Heartbeats {
  readonly #groups: Set<Beating>[];
  readonly #tickMs: number;
  #next = 0;
  #added = 0;
  #size = 0;
  #interval: ReturnType<typeof setInterval> | undefined;

  constructor(heartbeatMs: number) {
    const beatMs = heartbeatMs / BEATS;
    const groups = Math.max(1, Math.min(MOST_GROUPS, Math.floor(beatMs / GROUP_MS)));
    this.#groups = Array.from({ length: groups }, () => new Set());
    this.#tickMs = beatMs / groups;
  }

  /** Watches a socket until it is deleted. */
  add(socket: Beating): void {
    this.#interval ??= setInterval(() => this.#tick(), this.#tickMs);
    this.#groups[this.#added++ % this.#groups.length]!.add(socket);
    this.#size++;
  }

  /** Lets go of a socket. */
  delete(socket: Beating): void {
    if (!this.#groups.some((group) => group.delete(socket)) || --this.#size > 0) return;
    clearInterval(this.#interval);
    this.#interval = undefined;
  }

  #tick(): void {
    const group = this.#groups[this.#next]!;
    this.#next = (this.#next + 1) % this.#groups.length;
    for (const socket of [...group]) {
      const beats = ++socket.silentBeats;
      if (beats === GIVE_UP_AT) socket.giveUp();
      else if (beats === PING_AT) socket.ping();
    }
  }
}

const all = new Map<number, Heartbeats>();

/** This process's heartbeats of this length. */
export function heartbeats(heartbeatMs: number): Heartbeats {
  let beats = all.get(heartbeatMs);
  if (beats === undefined) all.set(heartbeatMs, beats = new Heartbeats(heartbeatMs));
  return beats;
}
