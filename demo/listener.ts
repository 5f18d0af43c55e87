/**
 * A watcher or a party over one or more connections: each resumes after the last number received
 * before.
 * @module
 */
import { connectParty, type HeardUpdate } from "../simulators/people/party.ts";
import type { Fault } from "../simulators/rules.ts";
import type { Entry, Sink } from "../simulators/output/timeline.ts";
import { watchCall } from "../simulators/people/watcher.ts";
import type { WatcherMessage } from "./ledgers.ts";
import type { Story } from "./story.ts";

/** One connection: where it resumes, where its lines go, and when it ends. */
interface ConnectionOptions {
  readonly after: number;
  readonly sink: Sink;
  readonly signal: AbortSignal;
}

/** The result of one connection. */
interface ConnectionResult<Message> {
  readonly received: readonly Message[];
  readonly faults: readonly Fault[];
}

/** A party of contracts. */
export type Party = Listener<HeardUpdate>;
/** A watcher of one call. */
export type Watcher = Listener<WatcherMessage>;

/** A listener, with all received messages and broken rules. */
export class Listener<Message> {
  readonly received: Message[] = [];
  readonly faults: Fault[] = [];
  /** Its name in the output. */
  readonly who: string;
  readonly #story: Story;
  readonly #connect: (options: ConnectionOptions) => Promise<ConnectionResult<Message>>;
  readonly #number: (message: Message) => number | undefined;
  #leaving = new AbortController();
  #connected: Promise<void> = Promise.resolve();
  #expectsLoss = false;

  constructor(
    story: Story,
    who: string,
    connect: (options: ConnectionOptions) => Promise<ConnectionResult<Message>>,
    number: (message: Message) => number | undefined,
  ) {
    this.#story = story;
    this.who = who;
    this.#connect = connect;
    this.#number = number;
  }

  /** Connects, and resumes where the last connection ended. */
  connect(): void {
    const after = Math.max(0, ...this.received.map((message) => this.#number(message) ?? 0));
    if (after > 0) this.#story.line(this.who, "--", `comes back with after=${after}`);
    this.#leaving = new AbortController();
    const sink = this.#story.sink(this.who, (entry) => this.#expectsLoss && isOfLoss(entry));
    const { signal } = this.#leaving;
    this.#connected = this.#connect({ after, sink, signal }).then(({ received, faults }) => {
      this.received.push(...received);
      const broken = faults.filter(({ rule, detail }) =>
        !(this.#expectsLoss && isLostSocket(rule, detail))
      );
      this.faults.push(...broken);
    });
  }

  /** From now on a lost connection breaks no rule: the server will be killed. */
  expectLoss(): void {
    this.#expectsLoss = true;
  }

  /** Resolves when either side has closed the connection. */
  async gone(): Promise<void> {
    await this.#connected;
    this.#expectsLoss = false;
  }

  /** Closes the connection, if there is one. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.gone();
  }
}

/** A party, by its telephone number. */
export function party(story: Story, who: string, url: string, client: string): Party {
  return new Listener(story, who, async (options) => {
    const { updates, faults } = await connectParty({ url, client, ...options });
    return { received: updates, faults };
  }, ({ event_id }) => event_id);
}

/** A watcher of a call, to the call's end. */
export function watcher(story: Story, who: string, url: string, token: string): Watcher {
  return new Listener(story, who, async (options) => {
    const { heard, faults } = await watchCall({ url, token, user: who, ...options });
    return { received: heard, faults };
  }, (message) => "seq" in message ? message.seq : undefined);
}

/** The lines of a simulator after a lost connection. */
function isOfLoss({ direction, what, rule, detail }: Entry): boolean {
  return isLostSocket(rule, detail) || direction === "->" && what === "close";
}

/** The operating system closes the sockets of a killed process, without a close frame. */
function isLostSocket(rule: string | undefined, detail: unknown): boolean {
  return (rule === "watch.close-1000" || rule === "party.stays-open") &&
    String(detail).startsWith("closed with 1006");
}
