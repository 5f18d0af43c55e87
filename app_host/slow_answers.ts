/**
 * Answers to an app that asks for what cannot be had. They come slowly: an app that asks again at once,
 * as a loop does, would keep everybody else from running.
 * @module
 */

/** From the question to its answer while the call is on: one frame. */
const PAUSE_MS = 20;
/** An app gets so many answers when its call is over. The first one told it. */
const ANSWERS_AFTER_END = 1000;

/** The answers of one call. */
export class SlowAnswers {
  readonly #stopping: AbortSignal;
  readonly #left: () => void;
  readonly #stop = (): void => this.end();
  readonly #waiting = new Map<ReturnType<typeof setTimeout>, () => void>();
  #over = false;
  #answered = 0;

  /** `stopping` ends it, as the end of the call does; `left` is told when no more answers come. */
  constructor(stopping: AbortSignal, left: () => void) {
    this.#stopping = stopping;
    this.#left = left;
  }

  /**
   * Resolves with this after a pause; at once when the call is over. An app that asks on after that
   * is left waiting: nothing else could stop it.
   */
  answer<Answer>(answer: Answer): Promise<Answer> {
    if (!this.#over && !this.#stopping.aborted) return this.#later(answer);
    if (this.#answered++ < ANSWERS_AFTER_END) return Promise.resolve(answer);
    if (this.#answered === ANSWERS_AFTER_END + 1) this.#left();
    return new Promise(() => {});
  }

  /** The call is over: what waits is answered. */
  end(): void {
    this.#over = true;
    if (this.#waiting.size > 0) this.#stopping.removeEventListener("abort", this.#stop);
    for (const [timer, resolve] of this.#waiting) {
      clearTimeout(timer);
      resolve();
    }
    this.#waiting.clear();
  }

  #later<Answer>(answer: Answer): Promise<Answer> {
    // Not before it is needed: a signal looks through all its listeners to add or remove one.
    if (this.#waiting.size === 0) this.#stopping.addEventListener("abort", this.#stop);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(timer);
        if (this.#waiting.size === 0) this.#stopping.removeEventListener("abort", this.#stop);
        resolve(answer);
      }, PAUSE_MS);
      this.#waiting.set(timer, () => resolve(answer));
    });
  }
}
