/**
 * How late audio is when it reaches us. Past its capacity a server reads frames that have waited
 * in the kernel for seconds; nothing marks them as old, so their age is worked out from the pace
 * of the stream and from whether the event loop keeps up.
 * @module
 */

/** How often the loop is asked. */
const ASK_EVERY_MS = 40;
/** An answer that took longer shows that sockets have to wait. */
const BEHIND_MS = 60;
/** A busy loop serves some at once while others wait, so that one quick answer means nothing. */
const REMEMBER_MS = 1000;
/** A frame may come so much later than the pace of the stream without being late. */
const JITTER_MS = 10;
/** Frames that come one by one, none right behind another, have not been waiting. */
const ONE_BY_ONE_FRAMES = 5;
/** Of a frame's own length: what comes sooner was waiting, and what comes later was a gap. */
const ONE_BY_ONE_FROM = 0.5;
const ONE_BY_ONE_TO = 4;
/** While the loop is behind, whoever comes slower than the pace of the stream falls behind with it. */
const ONE_BY_ONE_TO_BEHIND = 1.25;

/**
 * Measures how long a socket's data may have to wait for the event loop, by messages to itself.
 * Timers do not show it: Deno gives each turn of the loop a budget of operations, and past its
 * capacity the sockets that are being read use it up; the others wait for seconds, and so does a
 * message port, while timers still fire.
 */
export class LoopClock {
  #users = 0;
  #channel: MessageChannel | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAtMs = 0;
  #worstMs = 0;
  #worstAtMs = 0;

  /** Runs while anyone has joined and not left. */
  join(): void {
    if (this.#users++ === 0) this.#start();
  }

  /** Leaves, once for each `join`. */
  leave(): void {
    if (--this.#users === 0) this.#stop();
  }

  /** How long the loop was held up at worst, just now or not long ago. */
  stallMs(nowMs: number): number {
    return Math.max(this.#worstMs, nowMs - this.#dueAtMs);
  }

  #start(): void {
    const channel = this.#channel = new MessageChannel();
    channel.port2.onmessage = () => {
      // It may have been on its way when the last user left, and even when another had come.
      if (this.#channel === channel) this.#answered();
    };
    this.#worstMs = 0;
    this.#askSoon(performance.now());
  }

  #askSoon(nowMs: number): void {
    this.#dueAtMs = nowMs + ASK_EVERY_MS;
    this.#timer = setTimeout(() => this.#channel?.port1.postMessage(null), ASK_EVERY_MS);
  }

  #answered(): void {
    const nowMs = performance.now();
    const waitedMs = nowMs - this.#dueAtMs;
    // Others may have begun to wait when the worst did, and wait still.
    const forgetAtMs = this.#worstAtMs + this.#worstMs + REMEMBER_MS;
    if (waitedMs >= this.#worstMs || nowMs > forgetAtMs) {
      this.#worstMs = waitedMs;
      this.#worstAtMs = nowMs;
    }
    this.#askSoon(nowMs);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    const channel = this.#channel;
    // Closing a port still hands over what waits in it.
    this.#channel = undefined;
    channel?.port1.close();
    channel?.port2.close();
  }
}

/** The one event loop of this process. */
export const loop: LoopClock = new LoopClock();

/** Follows one audio stream and tells how far it has fallen behind through our own fault. */
export class Lateness {
  readonly #bytesPerMs: number;
  readonly #clock: Pick<LoopClock, "stallMs">;
  #arrivedAtMs: number;
  #lateMs = 0;
  #oneByOne = 0;

  /** `openedAtMs` is when the socket opened: the first frame may have waited as well. */
  constructor(
    bytesPerMs: number,
    openedAtMs: number,
    clock: Pick<LoopClock, "stallMs"> = loop,
  ) {
    this.#bytesPerMs = bytesPerMs;
    this.#arrivedAtMs = openedAtMs;
    this.#clock = clock;
  }

  /** Tells of a frame and returns how late it is, in milliseconds. */
  arrived(bytes: number, nowMs: number): number {
    const gapMs = nowMs - this.#arrivedAtMs;
    this.#arrivedAtMs = nowMs;
    const audioMs = bytes / this.#bytesPerMs;
    const behind = gapMs > audioMs && this.#clock.stallMs(nowMs) >= BEHIND_MS;
    if (gapMs <= audioMs) {
      this.#lateMs = Math.max(0, this.#lateMs + gapMs - audioMs);
    } else if (behind) {
      // A loop that keeps up has read whatever had come: a gap is then the peer's own pause.
      this.#lateMs += Math.max(0, gapMs - audioMs - JITTER_MS);
    }
    // Otherwise the peer's own pauses show by what follows: late audio comes in a burst.
    const to = behind ? ONE_BY_ONE_TO_BEHIND : ONE_BY_ONE_TO;
    const apart = gapMs > audioMs * ONE_BY_ONE_FROM && gapMs < audioMs * to;
    this.#oneByOne = apart ? this.#oneByOne + 1 : 0;
    if (this.#oneByOne >= ONE_BY_ONE_FRAMES) this.#lateMs = 0;
    return this.#lateMs;
  }
}
