/**
 * When a peer is too slow for live audio. Slow peers are never waited for.
 * @module
 */

/** Follows what waits in one socket's buffer. */
export class Backpressure {
  readonly #lateMs: number;
  readonly #lateBytes: number;
  #since: number | undefined;

  /** Audio is late after `lateMs`; at `bytesPerMs` that is so many bytes in the buffer. */
  constructor(lateMs: number, bytesPerMs: number) {
    this.#lateMs = lateMs;
    this.#lateBytes = lateMs * bytesPerMs;
  }

  /**
   * Whether the buffer has not been empty for so long, and holds so much, that another audio frame
   * would come too late. Both, since one large frame fills a buffer for a moment.
   */
  isLate(bufferedBytes: number): boolean {
    if (bufferedBytes === 0) {
      this.#since = undefined;
      return false;
    }
    const nowMs = performance.now();
    this.#since ??= nowMs;
    return bufferedBytes > this.#lateBytes && nowMs - this.#since > this.#lateMs;
  }
}
