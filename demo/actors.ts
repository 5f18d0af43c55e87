/**
 * Everybody in the story: the server, the parties, the watchers and the callers, with what was
 * acknowledged to them and which rules were broken.
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
  lineLedger,
  partyLedger,
  promised,
  watcherLedger,
  wordsLedger,
} from "./ledgers.ts";
import { type Party, party, type Watcher, watcher } from "./listener.ts";
import { RestActors } from "./rest_actors.ts";
import { type RecordedCall, RecordReader, type TheRecord } from "./record_reader.ts";
import { type Place, ServerProcess } from "./server_process.ts";
import type { Stage } from "./story.ts";

/** The caller of all calls buys. */
export const BUYER = "+254712345678";
/** Who is called sells. */
export const SELLER = "+254787654321";

/** The caller hears the beginning of the offer before the key is pressed. */
const KEY_AFTER_MS = 2500;
/** No call of the story comes near it. */
const PATIENCE_MS = 60_000;

/** One telling's actors. */
export class Actors implements AsyncDisposable {
  readonly stage: Stage;
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
  /** What the lines were promised: calls, keys, CDRs. */
  readonly #lines: Item[] = [];
  readonly #deals: Item[] = [];
  readonly #faults: string[] = [];
  #server: ServerProcess;

  private constructor(stage: Stage, server: ServerProcess, folder: string) {
    const [first = 0, second = first] = server.ports;
    const origin = `http://127.0.0.1:${first}`;
    this.stage = stage;
    this.#server = server;
    this.#place = { folder, ports: server.ports };
    this.#doors = `ws://127.0.0.1:${first}`;
    this.#inboundDoor = `ws://127.0.0.1:${second}/`;
    this.reader = new RecordReader(origin);
    this.rest = new RestActors(origin, this.reader, stage);
    this.buyer = party(stage, "buyer", this.#doors, BUYER);
    this.seller = party(stage, "seller", this.#doors, SELLER);
  }

  /** Starts the server, with a database of its own in this folder. */
  static async assemble(stage: Stage, folder: string): Promise<Actors> {
    const server = await ServerProcess.start({ folder, ports: [0, 0] }, stage.signal);
    const [first, second] = server.ports;
    stage.tell(
      "server",
      "--",
      `pid ${server.pid} serves on 127.0.0.1:${first} and :${second}, with a new database`,
    );
    return new Actors(stage, server, folder);
  }

  /** The telephone platform hands a call in; the caller presses 1. */
  callIn(platformId: string): Promise<void> {
    const heard = this.stage.sink("caller");
    let cdr: unknown;
    const sink: Sink = (entry) => {
      heard(entry);
      const { direction, what, detail } = entry;
      if (direction === "<-" && what === "answer") this.#lines.push(promised.call(platformId));
      if (direction === "->" && what === "cdr") cdr = { event: "cdr", ...detail as object };
      const { code } = (detail ?? {}) as { code?: number };
      if (direction === "<-" && what === "close" && code === 1000 && cdr !== undefined) {
        this.#lines.push(promised.cdr(platformId, cdr));
      }
    };
    return this.#carry(
      callInbound({
        url: this.#inboundDoor,
        from: BUYER,
        to: SELLER,
        sessionId: platformId,
        keys: [{ digit: "1", afterMs: KEY_AFTER_MS }],
        hangUpAfterMs: PATIENCE_MS,
        sink,
        signal: this.#over.signal,
      }).then(({ faults, endedBy }) => {
        this.#broken("caller", faults);
        if (endedBy === "server") this.#agreed(platformId);
      }),
    );
  }

  /** jambonz asks what to do with a call; its caller follows a script. */
  callOnJambonz(platformId: string, script: string, timeScale: number): Promise<void> {
    const heard = this.stage.sink("jambonz");
    let digit: string | undefined;
    const sink: Sink = (entry) => {
      heard(entry);
      const { direction, what } = entry;
      const { to, digits } = (entry.detail ?? {}) as { to?: string; digits?: string };
      if (direction === "->" && what === "verb:hook") digit = digits;
      if (direction !== "<-" || what !== "ack") return;
      if (to === "session:new") this.#lines.push(promised.call(platformId));
      if (to === "verb:hook" && digit !== undefined) {
        this.#lines.push(promised.key(platformId, digit));
      }
    };
    return this.#carry(
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
        this.#broken("jambonz", faults);
        if (ending.by === "application") this.#agreed(platformId);
      }),
    );
  }

  /** Somebody begins to watch a call that is on. */
  async watch(platformId: string): Promise<Watcher> {
    const token = await this.reader.token(platformId);
    const watching = watcher(this.stage, "watcher", this.#doors, token);
    this.#watchers.push({ platformId, watcher: watching });
    watching.come();
    return watching;
  }

  /** Kills the server: it has no chance to put anything away, and these lose their connections. */
  async kill(...listeners: readonly (Watcher | Party)[]): Promise<void> {
    for (const listener of listeners) listener.brace();
    this.stage.tell(
      "server",
      "--",
      `SIGKILL to pid ${this.#server.pid}, which has acknowledged both`,
    );
    await this.#server.kill();
    await Promise.all(listeners.map((listener) => listener.gone()));
    this.#logged();
  }

  /** Starts the server again in its place. */
  async restart(): Promise<void> {
    this.#server = await ServerProcess.start(this.#place, this.stage.signal);
    const { pid } = this.#server;
    this.stage.tell("server", "--", `pid ${pid} serves on the same ports; nobody listens yet`);
  }

  /** Everybody leaves who is still there. */
  async leave(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#calls);
    const watchers = this.#watchers.map(({ watcher }) => watcher);
    for (const listener of [...watchers, this.buyer, this.seller]) {
      await listener.leave();
      this.#broken(listener.who, listener.faults);
    }
  }

  /** Reads the record and opens an account for everybody. */
  async ledgers(): Promise<Ledger[]> {
    const record = await this.reader.read([BUYER, SELLER]);
    const deals = [...this.#deals, ...this.rest.deals];
    return [
      ...this.#watchers.map(({ platformId, watcher }) =>
        watcherLedger(`the watcher of ${platformId}`, callOf(record, platformId), watcher.told)
      ),
      partyLedger("the buyer", BUYER, record, this.buyer.told),
      partyLedger("the seller", SELLER, record, this.seller.told),
      lineLedger("acknowledged on the lines: calls, keys, CDRs", record, this.#lines),
      dealLedger("contracts, signatures, payments", record, deals),
      wordsLedger("words of the recogniser", record, this.rest.words),
    ];
  }

  /** Stops the server and gives every rule that was broken, and every error that it has logged. */
  async stop(): Promise<readonly string[]> {
    await this.#server.stop();
    this.#logged();
    return this.#faults;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #carry(call: Promise<void>): Promise<void> {
    // A mistake of a simulator is told to whoever waits for the call, be it later.
    call.catch(() => {});
    this.#calls.push(call);
    return call;
  }

  /** The app has thanked and hung up: the deal is made. */
  #agreed(platformId: string): void {
    this.#deals.push(
      promised.contract(platformId),
      promised.payment(platformId),
      promised.signature(platformId, BUYER),
    );
  }

  #broken(who: string, faults: readonly Fault[]): void {
    this.#faults.push(...faults.map(({ rule, detail }) => `${who}: ${rule}: ${detail}`));
  }

  #logged(): void {
    this.#faults.push(...this.#server.errors.map((line) => `server: ${line}`));
  }
}

function callOf({ calls }: TheRecord, platformId: string): RecordedCall {
  const call = calls.find((call) => call.platformId === platformId);
  if (call === undefined) throw new Error(`There is no call ${platformId} in the record`);
  return call;
}
