/**
 * How much of the memory that this process may take is taken.
 * @module
 */

/** Reading it takes some tens of microseconds. */
const READ_EVERY_MS = 500;
/** From this share on watchers are refused; new calls only when nothing is left. */
const WATCHERS_SHARE = 0.75;

/** A budget of resident memory. */
export class MemoryBudget {
  readonly #mostBytes: number;
  readonly #read: () => number;
  #bytes = 0;
  #readAtMs = -Infinity;

  /**
   * @param mostBytes the budget; `Infinity` for none
   * @param read the resident memory of this process, in bytes
   */
  constructor(mostBytes: number, read: () => number = () => Deno.memoryUsage().rss) {
    this.#mostBytes = mostBytes;
    this.#read = read;
  }

  /** Whether there is memory for one more of these. What is in progress goes on in any case. */
  hasRoomFor(what: "watcher" | "call", nowMs: number): boolean {
    if (this.#mostBytes === Infinity) return true;
    if (nowMs - this.#readAtMs >= READ_EVERY_MS) {
      this.#bytes = this.#read();
      this.#readAtMs = nowMs;
    }
    return this.#bytes < this.#mostBytes * (what === "watcher" ? WATCHERS_SHARE : 1);
  }
}
