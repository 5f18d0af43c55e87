/**
 * One run: the load, the kills, and the checks.
 * @module
 */
import { inboundCalls } from "./callers.ts";
import { SeededRandom } from "./seeded_random.ts";
import { acknowledged, faultsOf } from "./checker.ts";
import { makeDeals } from "./deals.ts";
import { jambonzCalls } from "./jambonz.ts";
import { Load } from "./load.ts";
import { lastHeard, party, PARTY_PHONES } from "./parties.ts";
import { recogniseCalls } from "./recognisers.ts";
import { receivedEvents, Receiver } from "./receiver.ts";
import { firstGap, openCalls, readRecord } from "./record.ts";
import { servedFaults } from "./served.ts";
import { freePort, RECONNECT_WAIT_MS, type ServerLocation, ServerProcess } from "./server.ts";
import { lastRead, readStream } from "./streams.ts";
import { lookUpCalls } from "./switchboard.ts";
import { finishWatch, watchCalls } from "./watchers.ts";

/** The options of a run. */
export interface TortureOptions {
  readonly kills: number;
  readonly seed: number;
  /** Called with the progress. */
  readonly say?: (line: string) => void;
}

/** The result of a run. */
export interface TortureOutcome {
  readonly kills: number;
  /** Empty when nothing acknowledged was lost. */
  readonly faults: readonly string[];
  readonly acknowledged: Readonly<Record<string, number>>;
  readonly recordedEvents: number;
}

const ACTORS = { inbound: 10, jambonz: 8, watchers: 10, deals: 4, recognisers: 3 };
/** The types of a webhook and of one of the streams. */
const DELIVERED = ["ended", "cdr"];
const LOAD_MS = { least: 50, most: 700 };
/** The share of kills during a start: recovery must survive them too. */
const EARLY_KILLS = 0.15;
const DRAIN_WITHIN_MS = 10_000;
const CATCH_UP_WITHIN_MS = 10_000;
const WATCHES_AT_ONCE = 50;

/** Runs everything in a new folder, and removes it. */
export async function torture(options: TortureOptions): Promise<TortureOutcome> {
  const folder = await Deno.makeTempDir({ prefix: "tipring_torture_" });
  try {
    return await new Run(options, { port: freePort(), database: `${folder}/t.db` }).run();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

class Run {
  readonly #options: TortureOptions;
  readonly #location: ServerLocation;
  readonly #random: SeededRandom;
  readonly #load: Load;
  readonly #faults: string[] = [];
  #server: ServerProcess;
  #kills = 0;

  constructor(options: TortureOptions, location: ServerLocation) {
    this.#options = options;
    this.#location = location;
    this.#random = new SeededRandom(options.seed);
    this.#load = new Load(location.port);
    this.#server = new ServerProcess(location);
  }

  async run(): Promise<TortureOutcome> {
    await using receiver = new Receiver(this.#load, DELIVERED);
    const listening: Promise<void>[] = [];
    let acting: Promise<unknown> = Promise.resolve();
    try {
      await this.#server.ready();
      await receiver.subscribe(this.#load, this.#random.fork());
      acting = Promise.all(this.#startActors());
      listening.push(...this.#startListeners());
      // The last kill comes after the last action.
      while (this.#kills < this.#options.kills - 1) await this.#killUnderLoad();
      this.#load.draining = true;
      await this.#within(acting, DRAIN_WITHIN_MS, "the actors have not come to an end");
      await this.#kill();
      await this.#server.ready();
      await this.#settle();
      return await this.#check();
    } finally {
      this.#load.end();
      await Promise.allSettled([acting, ...listening]);
      await this.#server.kill();
    }
  }

  #startActors(): Promise<void>[] {
    const load = this.#load;
    const fork = () => this.#random.fork();
    const each = (count: number, act: (load: Load, random: SeededRandom) => Promise<void>) =>
      Array.from({ length: count }, () => act(load, fork()));
    return [
      ...each(ACTORS.inbound, inboundCalls),
      ...each(ACTORS.jambonz, jambonzCalls),
      ...each(ACTORS.watchers, watchCalls),
      ...each(ACTORS.deals, makeDeals),
      ...each(ACTORS.recognisers, recogniseCalls),
      lookUpCalls(load, fork()),
    ];
  }

  #startListeners(): Promise<void>[] {
    const load = this.#load;
    const fork = () => this.#random.fork();
    return [
      ...PARTY_PHONES.flatMap((phone) =>
        [true, false].map((leaves) => party(load, fork(), phone, leaves))
      ),
      ...[null, DELIVERED].map((types) => readStream(load, fork(), types)),
    ];
  }

  async #killUnderLoad(): Promise<void> {
    const early = this.#random.happens(EARLY_KILLS);
    if (!early) await this.#server.ready();
    await this.#load.pause(this.#random, LOAD_MS.least, LOAD_MS.most);
    await this.#kill();
  }

  /** Kills the server, looks for gaps in the database, and starts the next server. */
  async #kill(): Promise<void> {
    const errors = await this.#server.kill();
    this.#kills++;
    for (const line of errors) {
      this.#faults.push(`before kill ${this.#kills} the server said: ${line}`);
    }
    const gap = firstGap(this.#location.database);
    if (gap !== undefined) this.#faults.push(`after kill ${this.#kills}: ${gap}`);
    this.#server = new ServerProcess(this.#location);
    if (this.#kills % 10 === 0) this.#options.say?.(`${this.#kills} kills`);
  }

  /** Waits until every call is over, and watchers and parties have received everything. */
  async #settle(): Promise<void> {
    const load = this.#load;
    const { database } = this.#location;
    const deadlineMs = performance.now() + RECONNECT_WAIT_MS + CATCH_UP_WITHIN_MS;
    const until = async (done: () => boolean) => {
      while (!done() && performance.now() < deadlineMs) await load.pause(this.#random, 20, 20);
    };
    await until(() => openCalls(database) === 0);
    const unfinished = load.logs.watches.filter(({ endHeard }) => !endHeard);
    for (let at = 0; at < unfinished.length; at += WATCHES_AT_ONCE) {
      const some = unfinished.slice(at, at + WATCHES_AT_ONCE);
      const finishing = Promise.all(some.map((log) => finishWatch(load, log)));
      await this.#within(finishing, CATCH_UP_WITHIN_MS, "watchers of calls that are over wait");
    }
    // Payments go to all parties, so that each party's last message is the last of all.
    const { news, calls } = readRecord(database);
    const lastNews = news.filter(({ toEveryone }) => toEveryone).at(-1)?.id ?? 0;
    const ends = calls.map(({ events }) => events.at(-1)?.id ?? 0);
    const last = Math.max(0, news.at(-1)?.id ?? 0, ...ends);
    const { parties, streams, receivers } = load.logs;
    await until(() => parties.every((log) => lastHeard(log) >= lastNews));
    await until(() => streams.every((log) => log.types !== null || lastRead(log) >= last));
    // A call's end and its CDR.
    const due = 2 * calls.length;
    await until(() => receivers.every((log) => receivedEvents(log) >= due));
    await load.pause(this.#random, 100, 100);
  }

  async #check(): Promise<TortureOutcome> {
    const { logs } = this.#load;
    const record = readRecord(this.#location.database);
    const served = await servedFaults(this.#load, record);
    return {
      kills: this.#kills,
      faults: [...this.#faults, ...faultsOf(logs, record), ...served],
      acknowledged: acknowledged(logs),
      recordedEvents: record.news.length +
        record.calls.reduce((total, { events }) => total + events.length, 0),
    };
  }

  /** Waits with a deadline. */
  async #within(work: Promise<unknown>, ms: number, otherwise: string): Promise<void> {
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(true), ms);
    const isLate = await Promise.race([work.then(() => false), late.promise]);
    clearTimeout(timer);
    if (!isLate) return;
    this.#faults.push(otherwise);
    this.#load.end();
    await work;
  }
}
