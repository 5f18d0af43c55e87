/**
 * What all actors of the load share: where the server is, how far the run is, and the logs.
 * @module
 */
import type { Chance } from "./chance.ts";
import { emptyLogs, type Logs } from "./logs.ts";

/** A call that can be watched. */
export interface LiveCall {
  readonly id: string;
  readonly line: string;
  readonly liveConversationToken: string;
}

/** The load as its actors see it. */
export class Load {
  readonly port: number;
  readonly logs: Logs = emptyLogs();
  /** Nothing new is begun any more. */
  draining = false;
  /** The calls that went on a moment ago. */
  liveCalls: readonly LiveCall[] = [];
  readonly #over = new AbortController();
  readonly #pauses = new Map<ReturnType<typeof setTimeout>, () => void>();
  #serial = 0;

  constructor(port: number) {
    this.port = port;
  }

  /** Aborted when every actor has to be gone. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** A URL of the server. */
  url(scheme: "http" | "ws", path: string): string {
    return `${scheme}://127.0.0.1:${this.port}${path}`;
  }

  /** A name that nothing else in this run has. */
  name(kind: string): string {
    return `${kind}-${++this.#serial}`;
  }

  /** Waits a while, or less when the run is over. */
  pause(chance: Chance, leastMs: number, mostMs: number): Promise<void> {
    if (this.over.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#pauses.delete(timer);
        resolve();
      }, chance.whole(leastMs, mostMs));
      this.#pauses.set(timer, resolve);
    });
  }

  /** Everybody goes. */
  end(): void {
    this.draining = true;
    this.#over.abort();
    for (const [timer, resolve] of this.#pauses) {
      clearTimeout(timer);
      resolve();
    }
    this.#pauses.clear();
  }
}
