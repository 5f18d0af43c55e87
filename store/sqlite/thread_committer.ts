/**
 * Commits in a separate thread, so the event loop that carries the audio never waits for the disk.
 * @module
 */
import { CannotOpen, WrongDatabase } from "../errors.ts";
import type { BatchResult } from "./commit.ts";
import type { Job } from "./writes/operations.ts";
import type { Committer } from "./writer.ts";

/** Messages to the thread: first the path of the database, then batches. */
export type ToThread = { readonly open: string } | { readonly batch: readonly Job[] } | "close";
/** Messages from the thread: one answer to each message. */
export type FromThread =
  | { readonly opened: true }
  | { readonly failed: string; readonly name: string }
  | { readonly result: BatchResult }
  | "closed";

/** The thread that holds the one writing connection. */
export class ThreadCommitter implements Committer {
  readonly #worker: Worker;
  #answer: ((answer: FromThread) => void) | undefined;
  #broken: string | undefined;

  private constructor() {
    this.#worker = new Worker(new URL("./writer_thread.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromThread>) => this.#tell(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#broken = event.message;
      this.#tell({ failed: event.message, name: "Error" });
    };
  }

  /** Opens and migrates the database in a new thread. */
  static async open(path: string): Promise<ThreadCommitter> {
    const committer = new ThreadCommitter();
    const answer = await committer.#ask({ open: path });
    if (typeof answer === "object" && "failed" in answer) {
      committer.#worker.terminate();
      if (answer.name === "WrongDatabase") throw new WrongDatabase(answer.failed);
      throw new CannotOpen(`Cannot open the database ${path}: ${answer.failed}`);
    }
    return committer;
  }

  async commit(jobs: readonly Job[]): Promise<BatchResult> {
    const answer = await this.#ask({ batch: jobs });
    if (typeof answer === "object" && "result" in answer) return answer.result;
    const why = typeof answer === "object" && "failed" in answer ? answer.failed : "closed";
    return { persisted: false, why };
  }

  async close(): Promise<void> {
    if (this.#broken === undefined) await this.#ask("close");
    this.#worker.terminate();
  }

  #ask(question: ToThread): Promise<FromThread> {
    if (this.#broken !== undefined) {
      return Promise.resolve({ failed: this.#broken, name: "Error" });
    }
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#worker.postMessage(question);
    });
  }

  #tell(answer: FromThread): void {
    this.#answer?.(answer);
    this.#answer = undefined;
  }
}
