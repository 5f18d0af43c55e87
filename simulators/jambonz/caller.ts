/**
 * The person at the far end of a simulated jambonz call: does what a script says, one step after
 * the other, whenever a person could.
 * @module
 */
import type { Step } from "./script.ts";

/** A step that a verb waits for. */
export type StepKind = Step["kind"];

/** A caller with a script. */
export class Caller {
  readonly #steps: Step[];

  constructor(steps: readonly Step[]) {
    this.#steps = [...steps];
  }

  /** What comes next; undefined where the script is over. */
  get next(): Step | undefined {
    return this.#steps[0];
  }

  /** Takes the next step. */
  take(): Step | undefined {
    return this.#steps.shift();
  }

  /** Takes the next step where it is one of these. */
  takeIf(...kinds: readonly StepKind[]): Step | undefined {
    const { next } = this;
    return next !== undefined && kinds.includes(next.kind) ? this.take() : undefined;
  }
}
