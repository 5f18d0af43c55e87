/**
 * Somebody who listens, over as many connections as it takes: each goes on after the last number
 * that was heard on those before.
 * @module
 */
import { connectParty, type HeardUpdate } from "../simulators/people/party.ts";
import type { Fault } from "../simulators/rules.ts";
import type { Entry, Sink } from "../simulators/output/timeline.ts";
import { watchCall } from "../simulators/people/watcher.ts";
import type { WatcherMessage } from "./ledgers.ts";
import type { Stage } from "./story.ts";

/** One connection: where it goes on, who hears of it, and when it ends. */
interface Visit {
  readonly after: number;
  readonly sink: Sink;
  readonly signal: AbortSignal;
}

/** What was heard on one connection. */
interface Visited<Message> {
  readonly told: readonly Message[];
  readonly faults: readonly Fault[];
}

/** A party of contracts. */
export type Party = Listener<HeardUpdate>;
/** A watcher of one call. */
export type Watcher = Listener<WatcherMessage>;

/** A listener, with everything that it was told and every rule that was broken meanwhile. */
export class Listener<Message> {
  readonly told: Message[] = [];
  readonly faults: Fault[] = [];
  /** By this name the story knows them. */
  readonly who: string;
  readonly #stage: Stage;
  readonly #visit: (visit: Visit) => Promise<Visited<Message>>;
  readonly #number: (message: Message) => number | undefined;
  #leaving = new AbortController();
  #visiting: Promise<void> = Promise.resolve();
  #braced = false;

  constructor(
    stage: Stage,
    who: string,
    visit: (visit: Visit) => Promise<Visited<Message>>,
    number: (message: Message) => number | undefined,
  ) {
    this.#stage = stage;
    this.who = who;
    this.#visit = visit;
    this.#number = number;
  }

  /** Connects, and goes on where the connection before has ended. */
  come(): void {
    const after = Math.max(0, ...this.told.map((message) => this.#number(message) ?? 0));
    if (after > 0) this.#stage.tell(this.who, "--", `comes back with after=${after}`);
    this.#leaving = new AbortController();
    const sink = this.#stage.sink(this.who, (entry) => this.#braced && isOfLoss(entry));
    const { signal } = this.#leaving;
    this.#visiting = this.#visit({ after, sink, signal }).then(({ told, faults }) => {
      this.told.push(...told);
      const broken = faults.filter(({ rule, detail }) =>
        !(this.#braced && isLostSocket(rule, detail))
      );
      this.faults.push(...broken);
    });
  }

  /** The server will be killed: losing this connection to it breaks no rule. */
  brace(): void {
    this.#braced = true;
  }

  /** Resolves when the connection is over, from whichever side. */
  async gone(): Promise<void> {
    await this.#visiting;
    this.#braced = false;
  }

  /** Closes the connection, if there is one. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.gone();
  }
}

/** Somebody connected for a telephone number. */
export function party(stage: Stage, who: string, url: string, client: string): Party {
  return new Listener(stage, who, async (visit) => {
    const { updates, faults } = await connectParty({ url, client, ...visit });
    return { told: updates, faults };
  }, ({ event_id }) => event_id);
}

/** Somebody who watches a call to its end. */
export function watcher(stage: Stage, who: string, url: string, token: string): Watcher {
  return new Listener(stage, who, async (visit) => {
    const { heard, faults } = await watchCall({ url, token, user: who, ...visit });
    return { told: heard, faults };
  }, (message) => "seq" in message ? message.seq : undefined);
}

/** What a simulator says of a lost connection, after the close itself. */
function isOfLoss({ direction, what, rule, detail }: Entry): boolean {
  return isLostSocket(rule, detail) || direction === "->" && what === "close";
}

/** A socket of a killed process is closed by its system, without a close frame. */
function isLostSocket(rule: string | undefined, detail: unknown): boolean {
  return (rule === "watch.close-1000" || rule === "party.stays-open") &&
    String(detail).startsWith("closed with 1006");
}
