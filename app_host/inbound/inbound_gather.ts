/**
 * One `gather` on a line that sends each key by itself.
 * @module
 */
import type { Gathered, GatherOptions } from "../../calls/app.ts";

/** Collects keys or words until there are enough, or until a timeout. */
export class InboundGather {
  readonly done: Promise<Gathered>;
  readonly #options: GatherOptions;
  readonly #resolve: (gathered: Gathered) => void;
  #digits = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  constructor(options: GatherOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<Gathered>();
    this.done = promise;
    this.#resolve = resolve;
  }

  /** Starts the timeout: the prompt is over. */
  listen(): void {
    if (this.#digits === "") this.#wait(this.#options.timeoutMs ?? 10_000);
  }

  /** Takes a key; false when it expects none. */
  key(digit: string): boolean {
    const { digits = Infinity, finishOn = "#", betweenDigitsMs = 3000 } = this.#options;
    if (this.#over || digits === 0) return false;
    if (digit === finishOn) this.end("digits");
    else {
      this.#digits += digit;
      if (this.#digits.length >= digits) this.end("digits");
      else this.#wait(betweenDigitsMs);
    }
    return true;
  }

  /** Takes words; false when it expects none. */
  words(speech: string): boolean {
    if (this.#over || this.#options.speech !== true) return false;
    this.end("speech", speech);
    return true;
  }

  /** Ends it, once. */
  end(by: Gathered["by"], speech = ""): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#resolve({ by, digits: this.#digits, speech });
  }

  #wait(ms: number): void {
    if (this.#over) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(this.#digits === "" ? "timeout" : "digits"), ms);
  }
}
