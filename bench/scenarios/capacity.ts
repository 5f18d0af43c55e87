/**
 * How many calls one core carries: the most paced calls whose round trips stay under the length of
 * a frame, echoed by bare Deno, by the inbound call door, and by the app apps/echo.ts, on both transports.
 * @module
 */
import { HARDENED, type Server, startServer } from "../servers.ts";
import { measurePaced, type Scenario } from "./scenario.ts";

const MIN_CALLS = 400;
const MAX_CALLS = 2400;
/** The search ends at this precision. */
const STEP_CALLS = 50;
/** p99 of the round trips: the length of a frame. */
const P99_MS = 20;
/** Frames that never come back, as a share: late ones are dropped, and would flatter p99. */
const LOST_SHARE = 0.001;

const ECHO_APP = { APP: "apps/echo.ts" };
const MEASURES = [
  "calls through the door",
  "calls through apps/echo.ts",
  "calls through the door, hardened",
  "calls through apps/echo.ts, hardened",
];

/** The capacity of each, searched in turn. */
export const capacity: Scenario = {
  title: `Paced calls that one core carries with p99 under ${P99_MS} ms`,
  async run({ rounds, measureMs }) {
    await using bare = await startServer("bare");
    await using door = await startServer("tipring");
    await using app = await startServer("tipring", ECHO_APP);
    await using hardenedDoor = await startServer("tipring", HARDENED);
    await using hardenedApp = await startServer("tipring", { ...ECHO_APP, ...HARDENED });
    const servers = [bare, door, app, hardenedDoor, hardenedApp];
    const found: number[][] = servers.map(() => []);
    for (let round = 0; round < Math.min(rounds, 2); round++) {
      const searches = servers.map((server) => new Search(server));
      // In turn, so that changes on the machine affect all.
      while (searches.some(({ known }) => !known)) {
        for (const search of searches) await search.probe(measureMs);
      }
      for (const [index, { calls }] of searches.entries()) found[index]!.push(calls);
    }
    const [ofBare, ...others] = found;
    return MEASURES.map((measure, index) => ({ measure, bare: ofBare!, tipring: others[index]! }));
  },
};

/** Halves the range in which the capacity of one server lies. */
class Search {
  readonly #server: Server;
  #carried = MIN_CALLS;
  #tooMany = MAX_CALLS;

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

  /** Tries the middle of the range, and repeats a failure: one hiccup is not a limit. */
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
