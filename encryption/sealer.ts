/**
 * Encrypts in a separate thread: a message takes a millisecond, and the event loop that carries
 * the audio must not wait for it.
 * @module
 */
import type { SealingKey } from "./seal.ts";

/** Messages to the thread. */
export interface ToSealThread {
  readonly id: number;
  readonly key: SealingKey;
  readonly message: object;
}
/** Messages from the thread: one answer to each message. */
export type FromSealThread =
  | { readonly id: number; readonly jwe: string }
  | { readonly id: number; readonly failed: string };

/** The thread, started by the first message. */
export class Sealer {
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, PromiseWithResolvers<string>>();
  #lastId = 0;
  #closed = false;

  /**
   * Encrypts a message: a JWE in compact form.
   * @throws {Error} when the key is not a valid point on its curve, or the thread has ended
   */
  async seal({ jwk }: SealingKey, message: object): Promise<string> {
    if (this.#closed) throw new Error("Cannot encrypt a message: the server has stopped");
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<string>();
    this.#waiting.set(id, answer);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, key: { jwk }, message } satisfies ToSealThread);
    return await answer.promise;
  }

  /** Ends the thread. Queued messages are not encrypted. */
  close(): void {
    this.#closed = true;
    this.#end("the server has stopped");
  }

  #start(): Worker {
    const worker = new Worker(new URL("./seal_thread.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<FromSealThread>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("jwe" in data) waiting?.resolve(data.jwe);
      else waiting?.reject(new Error(`Cannot encrypt a message: ${data.failed}`));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#end(event.message);
    };
    return worker;
  }

  /** The next message starts another thread. */
  #end(why: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new Error(`Cannot encrypt a message: ${why}`));
  }
}
