/**
 * Estimates how late audio reaches us. An overloaded server reads frames that have waited in the
 * kernel for seconds, and nothing marks them as old: their age follows from the pace of the stream
 * and the stalls of the event loop.
 * @module
 */

/** How often to probe the loop. */
const ASK_EVERY_MS = 40;
/** A slower answer shows that sockets have to wait. */
const BEHIND_MS = 60;
/** How long a slow answer counts: a busy loop serves some at once while others wait. */
const REMEMBER_MS = 1000;
/** A frame this much behind the pace of the stream is not late. */
const JITTER_MS = 10;
/** So many frames apart from each other show that none has been waiting. */
const ONE_BY_ONE_FRAMES = 5;
/** Frames are apart from half of a frame's length on; beyond four, it is a gap. */
const ONE_BY_ONE_FROM = 0.5;
const ONE_BY_ONE_TO = 4;
/** While the loop is behind, a stream slower than its pace is behind too. */
const ONE_BY_ONE_TO_BEHIND = 1.25;

/**
 * Measures how long a socket's data may wait for the event loop, by messages to itself. Timers do
 * not show it: Deno gives each turn of the loop a budget of operations, and under overload some
 * sockets use it up. The others wait for seconds, as a message port does, while timers still fire.
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

  /** The longest stall of the loop now or not long ago, in milliseconds. */
  stallMs(nowMs: number): number {
    return Math.max(this.#worstMs, nowMs - this.#dueAtMs);
  }

  #start(): void {
    const channel = this.#channel = new MessageChannel();
    channel.port2.onmessage = () => {
      // It may arrive after the last user left, and even after another joined.
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
    // Others may have started to wait at the worst moment, and still wait.
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
    // A closed port still delivers its queued messages.
    this.#channel = undefined;
    channel?.port1.close();
    channel?.port2.close();
  }
}

/** The one event loop of this process. */
export const loop: LoopClock = new LoopClock();

/** Follows one audio stream, and measures how late we read it. */
export class Lateness {
  readonly #bytesPerMs: number;
  readonly #clock: Pick<LoopClock, "stallMs">;
  #arrivedAtMs: number;
  #lateMs = 0;
  #oneByOne = 0;

  /** @param openedAtMs when the socket opened: the first frame may have waited too */
  constructor(
    bytesPerMs: number,
    openedAtMs: number,
    clock: Pick<LoopClock, "stallMs"> = loop,
  ) {
    this.#bytesPerMs = bytesPerMs;
    this.#arrivedAtMs = openedAtMs;
    this.#clock = clock;
  }

  /** Receives a frame; returns how late it is, in milliseconds. */
  arrived(bytes: number, nowMs: number): number {
    const gapMs = nowMs - this.#arrivedAtMs;
    this.#arrivedAtMs = nowMs;
    const audioMs = bytes / this.#bytesPerMs;
    const behind = gapMs > audioMs && this.#clock.stallMs(nowMs) >= BEHIND_MS;
    if (gapMs <= audioMs) {
      this.#lateMs = Math.max(0, this.#lateMs + gapMs - audioMs);
    } else if (behind) {
      // While the loop keeps up, a gap is the peer's own pause.
      this.#lateMs += Math.max(0, gapMs - audioMs - JITTER_MS);
    }
    // A gap that we caused shows afterwards: late audio arrives in a burst.
    const to = behind ? ONE_BY_ONE_TO_BEHIND : ONE_BY_ONE_TO;
    const apart = gapMs > audioMs * ONE_BY_ONE_FROM && gapMs < audioMs * to;
    this.#oneByOne = apart ? this.#oneByOne + 1 : 0;
    if (this.#oneByOne >= ONE_BY_ONE_FRAMES) this.#lateMs = 0;
    return this.#lateMs;
  }
}
