/**
 * Detects a peer that is too slow for live audio. We never wait for slow peers.
 * @module
 */

/** Follows one socket's buffer. */
export class Backpressure {
  readonly #lateMs: number;
  readonly #lateBytes: number;
  #since: number | undefined;

  /** Audio is late after `lateMs`, which is `lateMs * bytesPerMs` bytes in the buffer. */
  constructor(lateMs: number, bytesPerMs: number) {
    this.#lateMs = lateMs;
    this.#lateBytes = lateMs * bytesPerMs;
  }

  /**
   * Whether another audio frame would come too late: the buffer holds too much, and has not been
   * empty for too long. Both, since one large frame fills a buffer for a moment.
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
