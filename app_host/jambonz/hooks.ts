/**
 * The names of the hooks of an app's verbs. A name outlives the server that gave it: jambonz keeps a
 * hook until somebody is there to hear it, and that may be the same app, begun again.
 * @module
 */
import { createHash } from "node:crypto";
import type { GatherOptions } from "../../calls/app.ts";
import { gatherVerb } from "./verbs.ts";

const GATHERED = "/app/gathered/";

/** Names the hooks of one run of an app: each once in the life of its call. */
export class AppHooks {
  readonly #run: string;
  #count = 0;

  /** `run` tells this run from those before a restart; empty for the first. */
  constructor(run: string) {
    this.#run = run;
  }

  /** The hook of a `play`. */
  played(): string {
    return `/app/played/${this.#next()}`;
  }

  /** The hook of a `gather`; it says what is asked. */
  gathered(options: GatherOptions): string {
    return `${GATHERED}${this.#next()}/${question(options)}`;
  }

  #next(): string {
    return `${++this.#count}${this.#run}`;
  }
}

/** What the `gather` of this hook asks; undefined for any other hook. */
export function questionOf(hook: string): string | undefined {
  return hook.startsWith(GATHERED) ? hook.split("/").at(-1) : undefined;
}

/** Tells whether two gathers ask the same: by their name, or their prompt, keys and words. */
export function question(options: GatherOptions): string {
  const asked = options.name ?? JSON.stringify(gatherVerb(options));
  return createHash("sha256").update(asked).digest("hex").slice(0, 8);
}
