/**
 * What an app remembers of its call. It is stored in the call's record, so an app can resume after a
 * restart.
 * @module
 */
import type { Memory } from "../calls/app.ts";
import type { RecordEvent } from "../calls/call_record.ts";
import { utf8Bytes } from "../session/encode.ts";

/** For small state only: every change writes all of it. */
const MOST_BYTES = 8 * 1024;

/** The memory of one call. */
export class AppMemory {
  readonly #write: (memory: Memory) => Promise<void>;
  #values: Memory;

  /** Reads the record so far; `write` records a new memory, and resolves when it is on disk. */
  constructor(record: readonly RecordEvent[], write: (memory: Memory) => Promise<void>) {
    this.#write = write;
    const last = record.findLast(({ type }) => type === "remembered");
    this.#values = last?.type === "remembered" ? last.data.memory : {};
  }

  /** All values. */
  get values(): Memory {
    return this.#values;
  }

  /**
   * Adds values; resolves when they are on disk.
   * @throws {TypeError} for a value that is not JSON
   * @throws {RangeError} when the memory would become too large
   */
  add(values: Memory): Promise<void> {
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      throw new TypeError("Cannot remember this: it takes an object, such as { step: 2 }");
    }
    const json = jsonOf({ ...this.#values, ...values });
    const bytes = utf8Bytes(json);
    if (bytes > MOST_BYTES) {
      throw new RangeError(`Cannot remember ${bytes} bytes of JSON: the limit is ${MOST_BYTES}`);
    }
    // A copy: the app may change its own objects afterwards.
    this.#values = Object.freeze(JSON.parse(json));
    const persisted = this.#write(this.#values);
    // The app may ignore the promise.
    persisted.catch(() => {});
    return persisted;
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
