/**
 * Remembers the pages of records that were read lately. Hundreds of readers come back at the same
 * moment, after a restart for example, and get the same bytes: nothing is read or allocated for each
 * of them. What has been recorded never changes.
 * @module
 */
import type { Reader } from "./reader.ts";
import type { ReadInput, ReadName, ReadOutput } from "./reads/reads.ts";

/** At 256 KiB a page, 8 MiB. */
const PAGES = 32;

const RECORDED: ReadonlySet<ReadName> = new Set(["events", "record", "transcript", "updates"]);

/** A reader with a cache. Callers share its pages and must not change them. */
export class CachedReader implements Reader {
  readonly #reader: Reader;
  /** The oldest comes first. */
  readonly #pages = new Map<string, unknown>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  async read<Name extends ReadName>(
    name: Name,
    input: ReadInput<Name>,
    signal?: AbortSignal,
  ): Promise<ReadOutput<Name>> {
    if (!RECORDED.has(name)) return await this.#reader.read(name, input, signal);
    signal?.throwIfAborted();
    const key = JSON.stringify([name, input]);
    const cached = this.#pages.get(key);
    this.#pages.delete(key);
    const page = cached ?? await this.#reader.read(name, input, signal);
    if (!endsTheLog(page)) this.#remember(key, page);
    return page as ReadOutput<Name>;
  }

  close(): Promise<void> {
    this.#pages.clear();
    return this.#reader.close();
  }

  #remember(key: string, page: unknown): void {
    this.#pages.set(key, page);
    if (this.#pages.size > PAGES) this.#pages.delete(this.#pages.keys().next().value!);
  }
}

/** Something may follow the end of the log at any time. */
function endsTheLog(page: unknown): boolean {
  const { rest, isLast } = page as { rest?: string; isLast?: boolean };
  return isLast ?? rest === "none";
}
