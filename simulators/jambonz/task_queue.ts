/**
 * The tasks of one call session, run as a feature server runs them: one after the other, and then
 * it waits for commands.
 * @see https://github.com/jambonz/jambonz-feature-server/blob/main/lib/session/call-session.js
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";

/** What the tasks are run on. */
export interface TaskScene {
  /** Runs one task; a given signal kills it. */
  run(verb: Verb, signal: AbortSignal): Promise<void>;
  /** No task is left, and jambonz waits for commands until the signal is given. */
  wait(signal: AbortSignal): Promise<void>;
}

/** The tasks of one call. */
export class TaskQueue {
  #tasks: Verb[] = [];
  /** Kills the task that runs, or wakes what waits. */
  #current = new AbortController();
  #isWaiting = false;
  #isReleased = false;

  /** Whether the task that runs has been killed, or the call is released. */
  get hasMovedOn(): boolean {
    return this.#isReleased || this.#current.signal.aborted;
  }

  /** Resolves when the call is released, or when a wakeup has brought no task. */
  async run(verbs: readonly Verb[], scene: TaskScene): Promise<void> {
    this.#tasks = [...verbs];
    while (!this.#isReleased) {
      const task = this.#tasks.shift();
      if (task === undefined) return;
      this.#current = new AbortController();
      await scene.run(task, this.#current.signal);
      if (this.#tasks.length > 0 || this.#isReleased) continue;
      this.#current = new AbortController();
      this.#isWaiting = true;
      await scene.wait(this.#current.signal);
      this.#isWaiting = false;
    }
  }

  /**
   * A `redirect`: these tasks in place of what runs and waits, or behind it. Without any it only
   * kills what runs; what waits for commands wakes up, finds nothing to do, and the call ends.
   */
  redirect(verbs: readonly Verb[], append: boolean): void {
    this.#tasks = append ? [...this.#tasks, ...verbs] : [...verbs];
    if (!append || this.#isWaiting) this.#current.abort();
  }

  /** Ends what runs; what waits for commands goes on waiting. */
  kill(): void {
    if (!this.#isWaiting) this.#current.abort();
  }

  /** The call is over. */
  release(): void {
    this.#isReleased = true;
    this.#current.abort();
  }
}
