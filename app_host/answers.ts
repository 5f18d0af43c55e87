/**
 * The answers to an app that asks for what cannot be had. They never come so fast that an app which
 * asks again at once, as loops do, keeps everybody else from running.
 * @module
 */

/** From the question to its answer while the call is on: one frame. */
const PAUSE_MS = 20;
/** So often an app is answered when its call is over. It could have seen that at the first time. */
const ANSWERS_AFTER_END = 1000;

/** The answers of one call. */
export class AppAnswers {
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
    stopping.addEventListener("abort", this.#stop);
  }

  /**
   * Resolves with this after a pause; at once when the call is over. Whoever goes on asking then
   * is left waiting: it could be stopped by nothing else.
   */
  answer<Answer>(answer: Answer): Promise<Answer> {
    if (!this.#over) return this.#later(answer);
    if (this.#answered++ < ANSWERS_AFTER_END) return Promise.resolve(answer);
    if (this.#answered === ANSWERS_AFTER_END + 1) this.#left();
    return new Promise(() => {});
  }

  /** The call is over: who waits is answered. */
  end(): void {
    this.#over = true;
    this.#stopping.removeEventListener("abort", this.#stop);
    for (const [timer, resolve] of this.#waiting) {
      clearTimeout(timer);
      resolve();
    }
    this.#waiting.clear();
  }

  #later<Answer>(answer: Answer): Promise<Answer> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(timer);
        resolve(answer);
      }, PAUSE_MS);
      this.#waiting.set(timer, () => resolve(answer));
    });
  }
}
