/**
 * The actors of the demo: the server, the parties, the watchers and the callers, with everything
 * that was acknowledged to them, and the broken rules.
 * @module
 */
import { callInbound } from "../simulators/inbound/call_inbound.ts";
import { callJambonz } from "../simulators/jambonz/call_jambonz.ts";
import { parseScript } from "../simulators/jambonz/script.ts";
import type { Fault } from "../simulators/rules.ts";
import type { Sink } from "../simulators/output/timeline.ts";
import type { Item, Ledger } from "./count.ts";
import {
  dealLedger,
  partyLedger,
  platformLedger,
  promised,
  transcriptLedger,
  watcherLedger,
} from "./ledgers.ts";
import { type Party, party, type Watcher, watcher } from "./listener.ts";
import { RestActors } from "./rest_actors.ts";
import { type DemoRecord, type RecordedCall, RecordReader } from "./record_reader.ts";
import { type Place, ServerProcess } from "./server_process.ts";
import type { Story } from "./story.ts";

/** The caller of all calls. */
export const BUYER = "+254712345678";
/** The called number of all calls. */
export const SELLER = "+254787654321";

/** The caller hears the start of the offer before pressing the key. */
const KEY_AFTER_MS = 2500;
/** Longer than any call of the demo. */
const HANG_UP_AFTER_MS = 60_000;

/** The actors of one run. */
export class Actors implements AsyncDisposable {
  readonly story: Story;
  readonly buyer: Party;
  readonly seller: Party;
  readonly rest: RestActors;
  readonly reader: RecordReader;
  readonly #place: Place;
  readonly #doors: string;
  readonly #inboundDoor: string;
  readonly #watchers: { readonly platformId: string; readonly watcher: Watcher }[] = [];
  readonly #calls: Promise<void>[] = [];
  readonly #over = new AbortController();
  /** Acknowledged to the platforms: calls, keys, CDRs. */
  readonly #acknowledged: Item[] = [];
  readonly #deals: Item[] = [];
  readonly #faults: string[] = [];
  #server: ServerProcess;

  private constructor(story: Story, server: ServerProcess, folder: string) {
    const [first = 0, second = first] = server.ports;
    const origin = `http://127.0.0.1:${first}`;
    this.story = story;
    this.#server = server;
    this.#place = { folder, ports: server.ports };
    this.#doors = `ws://127.0.0.1:${first}`;
    this.#inboundDoor = `ws://127.0.0.1:${second}/`;
    this.reader = new RecordReader(origin);
    this.rest = new RestActors(origin, this.reader, story);
    this.buyer = party(story, "buyer", this.#doors, BUYER);
    this.seller = party(story, "seller", this.#doors, SELLER);
  }

  /** Starts the server with a new database in this folder. */
  static async assemble(story: Story, folder: string): Promise<Actors> {
    const server = await ServerProcess.start({ folder, ports: [0, 0] }, story.signal);
    const [first, second] = server.ports;
    story.line(
      "server",
      "--",
      `pid ${server.pid} serves on 127.0.0.1:${first} and :${second}, with a new database`,
    );
    return new Actors(story, server, folder);
  }

  /** The telephone platform starts a call; the caller presses 1. */
  callIn(platformId: string): Promise<void> {
    const heard = this.story.sink("caller");
    let cdr: unknown;
    const sink: Sink = (entry) => {
      heard(entry);
      const { direction, what, detail } = entry;
      if (direction === "<-" && what === "answer") {
        this.#acknowledged.push(promised.call(platformId));
      }
      if (direction === "->" && what === "cdr") cdr = { event: "cdr", ...detail as object };
      const { code } = (detail ?? {}) as { code?: number };
      if (direction === "<-" && what === "close" && code === 1000 && cdr !== undefined) {
        this.#acknowledged.push(promised.cdr(platformId, cdr));
      }
    };
    return this.#track(
      callInbound({
        url: this.#inboundDoor,
        from: BUYER,
        to: SELLER,
        sessionId: platformId,
        keys: [{ digit: "1", afterMs: KEY_AFTER_MS }],
        hangUpAfterMs: HANG_UP_AFTER_MS,
        sink,
        signal: this.#over.signal,
      }).then(({ faults, endedBy }) => {
        this.#recordFaults("caller", faults);
        if (endedBy === "server") this.#recordDeal(platformId);
      }),
    );
  }

  /** jambonz starts a call; its caller follows a script. */
  callOnJambonz(platformId: string, script: string, timeScale: number): Promise<void> {
    const heard = this.story.sink("jambonz");
    let digit: string | undefined;
    const sink: Sink = (entry) => {
      heard(entry);
      const { direction, what } = entry;
      const { to, digits } = (entry.detail ?? {}) as { to?: string; digits?: string };
      if (direction === "->" && what === "verb:hook") digit = digits;
      if (direction !== "<-" || what !== "ack") return;
      if (to === "session:new") this.#acknowledged.push(promised.call(platformId));
      if (to === "verb:hook" && digit !== undefined) {
        this.#acknowledged.push(promised.key(platformId, digit));
      }
    };
    return this.#track(
      callJambonz({
        url: `${this.#doors}/jambonz`,
        from: BUYER,
        to: SELLER,
        callSid: platformId,
        script: parseScript(script),
        timeScale,
        sink,
        signal: this.#over.signal,
      }).then(({ faults, ending }) => {
        this.#recordFaults("jambonz", faults);
        if (ending.by === "application") this.#recordDeal(platformId);
      }),
    );
  }

  /** Starts a watcher of a call in progress. */
  async watch(platformId: string): Promise<Watcher> {
    const token = await this.reader.token(platformId);
    const watching = watcher(this.story, "watcher", this.#doors, token);
    this.#watchers.push({ platformId, watcher: watching });
    watching.connect();
    return watching;
  }

  /** Kills the server without a chance to save anything. The listeners lose their connections. */
  async kill(...listeners: readonly (Watcher | Party)[]): Promise<void> {
    for (const listener of listeners) listener.expectLoss();
    this.story.line(
      "server",
      "--",
      `SIGKILL to pid ${this.#server.pid}, which has acknowledged both`,
    );
    await this.#server.kill();
    await Promise.all(listeners.map((listener) => listener.gone()));
    this.#recordErrors();
  }

  /** Starts the server again on the same database and ports. */
  async restart(): Promise<void> {
    this.#server = await ServerProcess.start(this.#place, this.story.signal);
    const { pid } = this.#server;
    this.story.line(
      "server",
      "--",
      `pid ${pid} serves on the same ports; no listener is connected yet`,
    );
  }

  /** All actors leave. */
  async leave(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#calls);
    const watchers = this.#watchers.map(({ watcher }) => watcher);
    for (const listener of [...watchers, this.buyer, this.seller]) {
      await listener.leave();
      this.#recordFaults(listener.who, listener.faults);
    }
  }

  /** Reads the record and builds the ledger of each actor. */
  async ledgers(): Promise<Ledger[]> {
    const record = await this.reader.read([BUYER, SELLER]);
    const deals = [...this.#deals, ...this.rest.deals];
    return [
      ...this.#watchers.map(({ platformId, watcher }) =>
        watcherLedger(`the watcher of ${platformId}`, callOf(record, platformId), watcher.received)
      ),
      partyLedger("the buyer", BUYER, record, this.buyer.received),
      partyLedger("the seller", SELLER, record, this.seller.received),
      platformLedger("acknowledged on the lines: calls, keys, CDRs", record, this.#acknowledged),
      dealLedger("contracts, signatures, payments", record, deals),
      transcriptLedger("words of the recogniser", record, this.rest.words),
    ];
  }

  /** Stops the server. Resolves with every broken rule and every logged error. */
  async stop(): Promise<readonly string[]> {
    await this.#server.stop();
    this.#recordErrors();
    return this.#faults;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #track(call: Promise<void>): Promise<void> {
    // An error of a simulator reaches the code that awaits the call later.
    call.catch(() => {});
    this.#calls.push(call);
    return call;
  }

  /** The app thanked the caller and hung up: the deal is made. */
  #recordDeal(platformId: string): void {
    this.#deals.push(
      promised.contract(platformId),
      promised.payment(platformId),
      promised.signature(platformId, BUYER),
    );
  }

  #recordFaults(who: string, faults: readonly Fault[]): void {
    this.#faults.push(...faults.map(({ rule, detail }) => `${who}: ${rule}: ${detail}`));
  }

  #recordErrors(): void {
    this.#faults.push(...this.#server.errors.map((line) => `server: ${line}`));
  }
}

function callOf({ calls }: DemoRecord, platformId: string): RecordedCall {
  const call = calls.find((call) => call.platformId === platformId);
  if (call === undefined) throw new Error(`The record has no call ${platformId}`);
  return call;
}
