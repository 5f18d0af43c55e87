/**
 * Tells when a peer is too slow for live audio. We never wait for slow peers.
 * @module
 */
import type { Socket } from "./session.ts";

/** 160 ms of audio: far less than a slow peer takes to fall behind. */
const LOOK_EVERY_FRAMES = 8;

/**
 * The audio that one socket is sent. A peer that keeps up needs no `Backpressure`, and only an occasional
 * look: reading the buffer costs a tenth of a frame.
 */
export class OutgoingAudio {
  readonly #socket: Pick<Socket, "bufferedAmount">;
  readonly #lateMs: number;
  readonly #bytesPerMs: number;
  #frames = 0;
  #backpressure: Backpressure | undefined;

  /** @param lateMs audio that waits for longer is late */
  constructor(socket: Pick<Socket, "bufferedAmount">, lateMs: number, bytesPerMs: number) {
    this.#socket = socket;
    this.#lateMs = lateMs;
    this.#bytesPerMs = bytesPerMs;
  }

  /** Whether the peer is too slow for another frame. */
  isSlow(): boolean {
    const keepsUp = this.#backpressure === undefined;
    if (keepsUp && this.#frames++ % LOOK_EVERY_FRAMES !== 0) return false;
    const bufferedBytes = this.#socket.bufferedAmount;
    if (keepsUp && bufferedBytes === 0) return false;
    this.#backpressure ??= new Backpressure(this.#lateMs, this.#bytesPerMs);
    return this.#backpressure.isLate(bufferedBytes);
  }
}

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
