/**
 * How many calls one core carries: the most paced calls whose round trips stay under the length of
 * a frame, echoed by bare Deno, by the inbound call door, and by the app apps/echo.ts.
 * @module
 */
import { type Server, startServer } from "../servers.ts";
import { measurePaced, type Scenario } from "./scenario.ts";

const FEWEST_CALLS = 400;
const MOST_CALLS = 1600;
/** The search ends when it knows the number this well. */
const STEP_CALLS = 50;
/** p99 of the round trips: the length of a frame. */
const P99_MS = 20;
/** Frames that never come back, as a share: late ones are dropped, and would flatter p99. */
const LOST_SHARE = 0.001;

/** The capacity of each, searched in turn. */
export const capacity: Scenario = {
  title: `Paced calls that one core carries with p99 under ${P99_MS} ms`,
  async run({ rounds, measureMs }) {
    await using bare = await startServer("bare");
    await using door = await startServer("tipring");
    await using app = await startServer("tipring", { APP: "apps/echo.ts" });
    const found: Record<"bare" | "door" | "app", number[]> = { bare: [], door: [], app: [] };
    for (let round = 0; round < Math.min(rounds, 2); round++) {
      const searches = [new Search(bare), new Search(door), new Search(app)] as const;
      // In turn, so that what changes on the machine hits all.
      while (searches.some(({ known }) => !known)) {
        for (const search of searches) await search.probe(measureMs);
      }
      found.bare.push(searches[0].calls);
      found.door.push(searches[1].calls);
      found.app.push(searches[2].calls);
    }
    return [
      { measure: "calls through the door", bare: found.bare, tipring: found.door },
      { measure: "calls through apps/echo.ts", bare: found.bare, tipring: found.app },
    ];
  },
};

/** Halves the range in which the capacity of one server lies. */
class Search {
  readonly #server: Server;
  #carried = FEWEST_CALLS;
  #tooMany = MOST_CALLS;

  constructor(server: Server) {
    this.#server = server;
  }

  /** Whether the capacity is known. */
  get known(): boolean {
    return this.#tooMany - this.#carried <= STEP_CALLS;
  }

  /** The most calls that were carried. */
  get calls(): number {
    return this.#carried;
  }

  /** Tries the middle of the range, and repeats a failure: one hiccup is no limit. */
  async probe(measureMs: number): Promise<void> {
    if (this.known) return;
    const calls = Math.round((this.#carried + this.#tooMany) / 2);
    const carried = await this.#carries(calls, measureMs) || await this.#carries(calls, measureMs);
    if (carried) this.#carried = calls;
    else this.#tooMany = calls;
  }

  async #carries(calls: number, measureMs: number): Promise<boolean> {
    const { p99, sent, back } = await measurePaced(this.#server, calls, measureMs);
    return p99 < P99_MS && sent - back <= sent * LOST_SHARE;
  }
}
