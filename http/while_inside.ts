/**
 * Long answers end with the key of their reader.
 * @module
 */
import type { Access } from "../access/access.ts";
import type { Holder } from "../access/holder.ts";
import { CutOff } from "./cut_off.ts";

/** What is on its way when a key ends is no more than this. */
const CHUNK_BYTES = 64 * 1024;

/**
 * The answer, which is cut off when its reader may no longer be inside. It has not ended properly then,
 * so nobody takes it for a whole one.
 */
export function whileInside(
  answer: Response,
  holder: Holder | undefined,
  access: Pick<Access, "canEnd" | "stay">,
): Response {
  const { body, status, headers } = answer;
  if (body === null || holder === undefined || !access.canEnd(holder)) return answer;
  const source = new InsideSource(body.getReader(), (end) => access.stay(holder, end));
  return new Response(new ReadableStream(source, { highWaterMark: 0 }), { status, headers });
}

/** What a stream fails with whose reader's key has ended. */
export function keyEnded(): CutOff {
  const error = new CutOff("the key of the reader has ended");
  // Deno prints what a stream fails with. Where it was made says nothing.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

class InsideSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #stay: (end: () => void) => Disposable;
  #staying: Disposable | undefined;
  #isOver = false;
  #rest = new Uint8Array();

  constructor(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    stay: (end: () => void) => Disposable,
  ) {
    this.#reader = reader;
    this.#stay = stay;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#staying = this.#stay(() => {
      if (this.#isOver) return;
      this.#isOver = true;
      controller.error(keyEnded());
      this.#reader.cancel().catch(() => {});
    });
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      while (this.#rest.length === 0) {
        const { done, value } = await this.#reader.read();
        if (this.#isOver) return;
        if (done) {
          this.#leave();
          return controller.close();
        }
        this.#rest = value as Uint8Array<ArrayBuffer>;
      }
      if (this.#isOver) return;
      controller.enqueue(this.#rest.subarray(0, CHUNK_BYTES));
      this.#rest = this.#rest.subarray(CHUNK_BYTES);
    } catch (error) {
      if (this.#isOver) return;
      this.#leave();
      controller.error(error);
    }
  }

  cancel(reason: unknown): Promise<void> {
    this.#leave();
    return this.#reader.cancel(reason);
  }

  #leave(): void {
    this.#isOver = true;
    this.#staying?.[Symbol.dispose]();
  }
}
