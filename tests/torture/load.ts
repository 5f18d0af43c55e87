/**
 * The state that all actors of the load share: the server, the progress of the run, and the logs.
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";
import { emptyLogs, type Logs } from "./logs.ts";

/** A call that can be watched. */
export interface LiveCall {
  readonly id: string;
  readonly line: string;
  readonly liveConversationToken: string;
}

/** The load for its actors. */
export class Load {
  readonly port: number;
  readonly logs: Logs = emptyLogs();
  /** Aborted when actors start nothing new. */
  draining = false;
  /** The calls that were in progress a moment ago. */
  liveCalls: readonly LiveCall[] = [];
  readonly #over = new AbortController();
  readonly #pauses = new Map<ReturnType<typeof setTimeout>, () => void>();
  #serial = 0;

  constructor(port: number) {
    this.port = port;
  }

  /** Aborted when every actor has to leave. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** A URL of the server. */
  url(scheme: "http" | "ws", path: string): string {
    return `${scheme}://127.0.0.1:${this.port}${path}`;
  }

  /** A name that is unique in this run. */
  name(kind: string): string {
    return `${kind}-${++this.#serial}`;
  }

  /** Waits, at most until the end of the run. */
  pause(random: SeededRandom, leastMs: number, mostMs: number): Promise<void> {
    if (this.over.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#pauses.delete(timer);
        resolve();
      }, random.whole(leastMs, mostMs));
      this.#pauses.set(timer, resolve);
    });
  }

  /** Makes every actor leave. */
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
