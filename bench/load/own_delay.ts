/**
 * How long the load process itself delays messages: a slow load must not pass for a slow server.
 * @module
 */

const ASK_EVERY_MS = 5;

/** Sends messages to itself, which queue like the answers of the server. */
export class OwnDelay implements Disposable {
  /** The longest wait since this was last set to 0. */
  worstMs = 0;
  readonly #channel = new MessageChannel();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#channel.port2.onmessage = ({ data }: MessageEvent<number>) => {
      this.worstMs = Math.max(this.worstMs, performance.now() - data);
      this.#timer = setTimeout(() => this.#ask(), ASK_EVERY_MS);
    };
    this.#ask();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#channel.port1.close();
    this.#channel.port2.close();
  }

  #ask(): void {
    this.#channel.port1.postMessage(performance.now());
  }
}
