/**
 * The tasks of one call session, run as by a feature server: one after the other. Then it waits for
 * commands.
 * @see https://github.com/jambonz/jambonz-feature-server/blob/main/lib/session/call-session.js
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";

/** What runs the tasks. */
export interface TaskRunner {
  /** Runs one task until the signal kills it. */
  run(verb: Verb, signal: AbortSignal): Promise<void>;
  /** Waits for commands until the signal. */
  wait(signal: AbortSignal): Promise<void>;
}

/** The tasks of one call. */
export class TaskQueue {
  #tasks: Verb[] = [];
  /** Kills the running task, or ends the wait. */
  #current = new AbortController();
  #isWaiting = false;
  #isReleased = false;

  /** Whether the current task has been killed or the call is released. */
  get hasMovedOn(): boolean {
    return this.#isReleased || this.#current.signal.aborted;
  }

  /** Resolves when the call is released, or when the wait ends without a task. */
  async run(verbs: readonly Verb[], runner: TaskRunner): Promise<void> {
    this.#tasks = [...verbs];
    while (!this.#isReleased) {
      const task = this.#tasks.shift();
      if (task === undefined) return;
      this.#current = new AbortController();
      await runner.run(task, this.#current.signal);
      if (this.#tasks.length > 0 || this.#isReleased) continue;
      this.#current = new AbortController();
      this.#isWaiting = true;
      await runner.wait(this.#current.signal);
      this.#isWaiting = false;
    }
  }

  /**
   * A `redirect`: these tasks replace the others, or follow them. Without tasks it only kills the
   * running one; a session that waits for commands wakes up without a task, and the call ends.
   */
  redirect(verbs: readonly Verb[], append: boolean): void {
    this.#tasks = append ? [...this.#tasks, ...verbs] : [...verbs];
    if (!append || this.#isWaiting) this.#current.abort();
  }

  /** Ends the running task; a wait for commands goes on. */
  kill(): void {
    if (!this.#isWaiting) this.#current.abort();
  }

  /** The call is over. */
  release(): void {
    this.#isReleased = true;
    this.#current.abort();
  }
}
