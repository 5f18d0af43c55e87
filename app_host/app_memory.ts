/**
 * What an app remembers of its call. It is in the call's record, so that an app that begins again
 * after a restart finds out where it was.
 * @module
 */
import type { Memory } from "../calls/app.ts";
import type { RecordEvent } from "../calls/call_record.ts";
import { utf8Bytes } from "../session/encode.ts";

/** A note of where the app is, and not a store for documents: every change writes all of it. */
const MOST_BYTES = 8 * 1024;

/** The memory of one call. */
export class AppMemory {
  readonly #write: (memory: Memory) => Promise<void>;
  #values: Memory;

  /** Reads the record so far; `write` puts a new memory in it, and resolves when it is kept. */
  constructor(record: readonly RecordEvent[], write: (memory: Memory) => Promise<void>) {
    this.#write = write;
    const last = record.findLast(({ type }) => type === "remembered");
    this.#values = last?.type === "remembered" ? last.data.memory : {};
  }

  /** All that is remembered. */
  get values(): Memory {
    return this.#values;
  }

  /**
   * Adds values to the memory; resolves when it is kept.
   * @throws {TypeError} for what is no JSON
   * @throws {RangeError} when it would be too large
   */
  add(values: Memory): Promise<void> {
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      throw new TypeError("Cannot remember this: remember takes an object, such as { step: 2 }");
    }
    const json = jsonOf({ ...this.#values, ...values });
    const bytes = utf8Bytes(json);
    if (bytes > MOST_BYTES) {
      throw new RangeError(`Cannot remember ${bytes} bytes of JSON: the limit is ${MOST_BYTES}`);
    }
    // A copy: what the app changes in its own objects afterwards is not remembered.
    this.#values = Object.freeze(JSON.parse(json));
    const kept = this.#write(this.#values);
    // An app may not care when it is kept.
    kept.catch(() => {});
    return kept;
  }
}

function jsonOf(memory: Memory): string {
  try {
    return JSON.stringify(memory);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TypeError(`Cannot remember this: it is no JSON: ${why}`);
  }
}
