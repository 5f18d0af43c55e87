/**
 * The bus of a single process.
 * @module
 */
import type { Bus } from "./bus.ts";

/** A bus within this process: synchronous, in order, without memory. */
export class LocalBus<Message> implements Bus<Message> {
  readonly #topics = new Map<string, Set<(message: Message) => void>>();
  readonly #failed: (error: unknown) => void;

  /** `failed` is told what a listener threw; the other listeners hear the message all the same. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  publish(topic: string, message: Message): void {
    for (const listener of [...this.#topics.get(topic) ?? []]) {
      try {
        listener(message);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  subscribe(topic: string, listener: (message: Message) => void): Disposable {
    const listeners = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, listeners);
    // A listener may subscribe twice; each subscription is one of its own.
    const subscription = (message: Message) => listener(message);
    listeners.add(subscription);
    return {
      [Symbol.dispose]: () => {
        listeners.delete(subscription);
        if (listeners.size === 0 && this.#topics.get(topic) === listeners) {
          this.#topics.delete(topic);
        }
      },
    };
  }
}
