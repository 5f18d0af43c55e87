/**
 * Slow answers to calls of an app that cannot succeed. An app that retries at once in a loop would
 * otherwise keep every other call from running.
 * @module
 */

/** How long an answer takes during the call: one frame. */
const PAUSE_MS = 20;
/** An app gets at most this many answers after its call. */
const ANSWERS_AFTER_END = 1000;

/** The answers of one call. */
export class SlowAnswers {
  readonly #stopping: AbortSignal;
  readonly #left: () => void;
  readonly #stop = (): void => this.end();
  readonly #waiting = new Map<ReturnType<typeof setTimeout>, () => void>();
  #over = false;
  #answered = 0;

  /** Ends with the call, or when `stopping` is aborted. `left` is called when answers run out. */
  constructor(stopping: AbortSignal, left: () => void) {
    this.#stopping = stopping;
    this.#left = left;
  }

  /**
   * Resolves with this after a pause, or at once after the call. An app that goes on asking after the
   * call is left waiting: nothing else could stop it.
   */
  answer<Answer>(answer: Answer): Promise<Answer> {
    if (!this.#over && !this.#stopping.aborted) return this.#later(answer);
    if (this.#answered++ < ANSWERS_AFTER_END) return Promise.resolve(answer);
    if (this.#answered === ANSWERS_AFTER_END + 1) this.#left();
    return new Promise(() => {});
  }

  /** The call is over: resolves what waits. */
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
    // Added late: a signal searches all its listeners to add or remove one.
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
