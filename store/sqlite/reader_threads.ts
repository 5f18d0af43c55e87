/**
 * Reads for clients in threads of their own: the event loop that carries the audio neither waits for
 * a list nor writes its JSON.
 * @module
 */
import { CannotOpen, StoreUnavailable, WrongDatabase } from "../errors.ts";
import type { Reader } from "./reader.ts";
import type { ReadInput, ReadName, ReadOutput } from "./reads/reads.ts";

/** Messages to a thread: first the path of the database, then reads. */
export type ToReader =
  | { readonly open: string }
  | { readonly name: ReadName; readonly input: unknown }
  | "close";
/** Messages from a thread: one answer to each message. */
export type FromReader =
  | { readonly output: unknown }
  | { readonly failed: string; readonly name: string };

interface Waiting {
  readonly question: ToReader;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (answer: FromReader) => void;
  readonly reject: (reason: unknown) => void;
}

/** Shares reads among threads, in the order in which they were asked for. */
export class ReaderThreads implements Reader {
  readonly #path: string;
  readonly #threads: ReaderThread[] = [];
  readonly #waiting: Waiting[] = [];
  #starting = 0;
  #closed = false;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Opens a migrated database in so many threads.
   * @throws {CannotOpen} when it cannot be opened
   */
  static async open(path: string, threads: number): Promise<ReaderThreads> {
    const readers = new ReaderThreads(path);
    await Promise.all(Array.from({ length: threads }, () => readers.#start()));
    return readers;
  }

  async read<Name extends ReadName>(
    name: Name,
    input: ReadInput<Name>,
    signal?: AbortSignal,
  ): Promise<ReadOutput<Name>> {
    if (this.#closed) throw new StoreUnavailable(`Cannot read "${name}": the store is closed`);
    const answer = await new Promise<FromReader>((resolve, reject) => {
      this.#waiting.push({ question: { name, input }, signal, resolve, reject });
      if (this.#threads.length === 0 && this.#starting === 0) this.#restart();
      this.#assign();
    });
    if ("output" in answer) return answer.output as ReadOutput<Name>;
    const why = `Cannot read "${name}": ${answer.failed}`;
    throw answer.name === "WrongDatabase" ? new WrongDatabase(why) : new Error(why);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) {
      reject(new StoreUnavailable("Cannot read: the store is closed"));
    }
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** A thread that breaks is replaced: only its read fails. */
  async #start(): Promise<void> {
    const thread = new ReaderThread();
    this.#starting++;
    const answer = await thread.ask({ open: this.#path });
    this.#starting--;
    if ("failed" in answer) {
      await thread.close();
      throw new CannotOpen(`Cannot open the database ${this.#path}: ${answer.failed}`);
    }
    this.#threads.push(thread);
    this.#assign();
  }

  #assign(): void {
    const free = this.#threads.find((thread) => !thread.isBusy);
    if (free === undefined) return;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { question, signal, resolve, reject } = next;
      // Its reader has left meanwhile.
      if (signal?.aborted) {
        reject(signal.reason);
        continue;
      }
      free.ask(question).then((answer) => {
        resolve(answer);
        if (free.isBroken) this.#replace(free);
        else this.#assign();
      });
      return this.#assign();
    }
  }

  #replace(broken: ReaderThread): void {
    this.#threads.splice(this.#threads.indexOf(broken), 1);
    broken.close();
    if (!this.#closed) this.#restart();
  }

  #restart(): void {
    this.#start().catch((error) => {
      if (this.#threads.length > 0) return;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }
}

/** One thread, which answers one question at a time. */
class ReaderThread {
  readonly #worker = new Worker(new URL("./reader_thread.ts", import.meta.url), { type: "module" });
  #answer: ((answer: FromReader) => void) | undefined;
  isBroken = false;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<FromReader>) => this.#tell(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.isBroken = true;
      this.#tell({ failed: event.message, name: "Error" });
    };
  }

  get isBusy(): boolean {
    return this.isBroken || this.#answer !== undefined;
  }

  ask(question: ToReader): Promise<FromReader> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#worker.postMessage(question);
    });
  }

  /** Closes the connection after the read of this moment. */
  async close(): Promise<void> {
    if (!this.isBroken) {
      const reading = this.#answer;
      await new Promise<void>((resolve) => {
        if (reading === undefined) return resolve();
        this.#answer = (answer) => {
          reading(answer);
          resolve();
        };
      });
      await this.ask("close");
    }
    this.#worker.terminate();
  }

  #tell(answer: FromReader): void {
    const told = this.#answer;
    this.#answer = undefined;
    told?.(answer);
  }
}
