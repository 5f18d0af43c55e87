/**
 * What an app remembers of its call. It is in the call's record, so that an app finds out after a
 * restart where it was.
 * @module
 */
import type { Memory } from "../calls/app.ts";
import type { RecordEvent } from "../calls/call_record.ts";
import { utf8Bytes } from "../session/encode.ts";

/** It says where the app is and stores no documents: every change writes all of it. */
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
   * @throws {TypeError} for what is no JSON
   * @throws {RangeError} when it would be too large
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
    // An app need not wait for it.
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
