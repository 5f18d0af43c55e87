/**
 * Decides who is let in, and counts who is not: connections, handshakes, wrong keys, calls, memory.
 * @module
 */
import { type Holder, LOCAL } from "../../access/holder.ts";
import { offeredSubprotocols } from "../../session/handshake.ts";
import { ExcessiveJson } from "../body.ts";
import { Refused } from "../problem.ts";
import type { Route, Visit } from "../route.ts";
import { MemoryBudget } from "./memory_budget.ts";
import { Pace } from "./pace.ts";
import { Places, TakenPlaces, type Taking } from "./places.ts";
import { countedAddress } from "../guards/address.ts";
import { type RefusalReason, Refusals } from "./refusals.ts";
import { WrongKeys } from "./wrong_keys.ts";

/** How much is let in. `Infinity` is no limit. */
export interface AdmissionLimits {
  /** Sockets and requests at once. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly connectionsPerKey: number;
  /** Sockets of one client: of whom a route says that the visitor is. */
  readonly connectionsPerClient: number;
  /** Handshakes of WebSockets a second, sustained, and twice as many at once. */
  readonly handshakesPerSecond: number;
  readonly handshakesPerSecondAndAddress: number;
  /** Wrong keys a minute; more are answered with 429. */
  readonly wrongKeysPerMinute: number;
  readonly calls: number;
  /** Calls at once to a number, and from one. */
  readonly callsPerNumber: number;
  readonly callsPerKey: number;
  readonly memoryBytes: number;
}

/** What admission needs from the world. */
export interface AdmissionOptions {
  readonly limits: AdmissionLimits;
  /** Logs an address that sends too many wrong keys. */
  readonly report: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly nowMs?: () => number;
  readonly memory?: MemoryBudget;
}

/** One who comes. */
type Comer = Pick<Visit, "request" | "url" | "params" | "holder" | "address" | "client">;

/** A new call, as far as it is limited. */
export interface NewCaller {
  /** The number that calls and the one that is called, where they are known. */
  readonly numbers: readonly (string | null)[];
  /** Of the key that brings the call. */
  readonly keyId: string | undefined;
}

const LOOPBACK = /^(127\.|::1$|0:0:0:0::)/;

/** Everybody, for places that have no name. */
const ALL = "";
/** Seconds after which to come again. */
const RETRY_AFTER_S = { busy: 5, handshakes: 1, memory: 30 } as const;

/** The name by which the connections and calls of a key are counted; none without keys. */
export function keyIdOf(holder: Holder | undefined): string | undefined {
  return holder?.id === LOCAL.id ? undefined : holder?.id;
}

/** The admission to one server. */
export class Admission {
  /** What was refused, by reason. */
  readonly refusals: Refusals = new Refusals();
  readonly #report: AdmissionOptions["report"];
  readonly #nowMs: () => number;
  readonly #memory: MemoryBudget;
  readonly #wrongKeys: WrongKeys;
  readonly #handshakes: readonly [all: Pace, ofAddress: Pace];
  readonly #connections: readonly [
    all: Places,
    ofAddress: Places,
    ofKey: Places,
    ofClient: Places,
  ];
  readonly #calls: readonly [all: Places, ofNumber: Places, ofKey: Places];

  constructor(
    { limits, report, nowMs = () => performance.now(), memory }: AdmissionOptions,
  ) {
    this.#report = report;
    this.#nowMs = nowMs;
    this.#memory = memory ?? new MemoryBudget(limits.memoryBytes);
    this.#wrongKeys = new WrongKeys(limits.wrongKeysPerMinute);
    this.#handshakes = [
      new Pace(limits.handshakesPerSecond),
      new Pace(limits.handshakesPerSecondAndAddress),
    ];
    this.#connections = [
      new Places(limits.connections),
      new Places(limits.connectionsPerAddress),
      new Places(limits.connectionsPerKey),
      new Places(limits.connectionsPerClient),
    ];
    this.#calls = [
      new Places(limits.calls),
      new Places(limits.callsPerNumber),
      new Places(limits.callsPerKey),
    ];
  }

  /**
   * Lets one in, who leaves by disposing of the answer. Routes for everyone, such as those of monitors,
   * are never refused.
   * @throws {Refused} 429 for too many of one address or key, 503 for too many in all
   */
  admit(
    route: Pick<Route, "method" | "scope" | "watches">,
    comer: Comer,
  ): Disposable {
    const isSocket = route.method === "WS";
    if (!isSocket && route.scope === "everyone") return { [Symbol.dispose]() {} };
    this.#checkGuesses(comer);
    if (isSocket) this.#checkHandshakes(countedAddress(comer.address));
    if (route.watches && !this.#memory.hasRoomFor("watcher", this.#nowMs())) {
      throw this.#refusal("memory: watcher", 503, RETRY_AFTER_S.memory, "memory is short");
    }
    return this.#connect(comer);
  }

  /** Counts a request that was refused, for its key or its body. */
  refused(comer: Comer, refusal: Refused): void {
    const { status } = refusal;
    if (refusal instanceof ExcessiveJson) return this.refusals.add("json too large");
    if (status === 413) return this.refusals.add("body too large");
    if (status === 408) return this.refusals.add("body too slow");
    if (status === 401 && showsKey(comer)) this.#guessed(comer);
  }

  #guessed(comer: Comer): void {
    this.refusals.add("wrong key");
    const address = countedAddress(comer.address);
    if (this.#wrongKeys.add(address, this.#nowMs())) {
      this.#report("too many wrong keys", { address });
    }
  }

  /**
   * Lets a new call in, which leaves when the answer is disposed of; a reason in words where there is
   * no room for it.
   */
  call({ numbers, keyId }: NewCaller): Disposable | string {
    const [all, ofNumber, ofKey] = this.#calls;
    const known = new Set(numbers.filter((number) => number !== null));
    if (!this.#memory.hasRoomFor("call", this.#nowMs())) return this.#noCall("memory: call");
    if (all.isFull(ALL)) return this.#noCall("calls");
    if ([...known].some((number) => ofNumber.isFull(number))) {
      return this.#noCall("calls of a number");
    }
    if (keyId !== undefined && ofKey.isFull(keyId)) return this.#noCall("calls of a key");
    const ofNumbers = [...known].map((number): Taking => [ofNumber, number]);
    return new TakenPlaces([[all, ALL], ...ofNumbers, [ofKey, keyId]]);
  }

  #checkGuesses(comer: Comer): void {
    if (!showsKey(comer)) return;
    // All clients of a proxy that nobody declared come from loopback: a right key gets through there.
    if (comer.holder !== undefined && LOOPBACK.test(comer.address)) return;
    const waitMs = this.#wrongKeys.waitMs(countedAddress(comer.address), this.#nowMs());
    if (waitMs === 0) return;
    throw this.#refusal(
      "too many wrong keys",
      429,
      Math.ceil(waitMs / 1000),
      "too many wrong keys came from your address",
    );
  }

  #checkHandshakes(address: string): void {
    const [all, ofAddress] = this.#handshakes;
    const nowMs = this.#nowMs();
    const { handshakes: after } = RETRY_AFTER_S;
    if (!ofAddress.take(address, nowMs)) {
      const why = "too many handshakes a second come from your address";
      throw this.#refusal("handshakes of an address", 429, after, why);
    }
    if (!all.take(ALL, nowMs)) {
      throw this.#refusal("handshakes", 503, after, "too many handshakes a second");
    }
  }

  #connect(comer: Comer): Disposable {
    const { client } = comer;
    const [all, ofAddress, ofKey, ofClient] = this.#connections;
    const { busy: after } = RETRY_AFTER_S;
    const keyId = keyIdOf(comer.holder);
    const address = countedAddress(comer.address);
    if (ofAddress.isFull(address)) {
      const why = "your address has too many connections";
      throw this.#refusal("connections of an address", 429, after, why);
    }
    if (keyId !== undefined && ofKey.isFull(keyId)) {
      const why = "your key has too many connections";
      throw this.#refusal("connections of a key", 429, after, why);
    }
    if (client !== undefined && ofClient.isFull(client)) {
      const why = "this client has too many connections";
      throw this.#refusal("connections of a client", 429, after, why);
    }
    if (all.isFull(ALL)) {
      throw this.#refusal("connections", 503, after, "there are too many connections");
    }
    return new TakenPlaces([[all, ALL], [ofAddress, address], [ofKey, keyId], [ofClient, client]]);
  }

  #refusal(reason: RefusalReason, status: 429 | 503, afterS: number, why: string): Refused {
    this.refusals.add(reason);
    return tryLater(status, afterS, `Cannot let you in now: ${why}`);
  }

  #noCall(reason: RefusalReason): string {
    this.refusals.add(reason);
    return reason;
  }
}

/** A refusal for now: 429 when it is the client's doing, 503 otherwise. */
function tryLater(status: 429 | 503, afterS: number, detail: string): Refused {
  return new Refused(status, detail, { headers: { "retry-after": String(afterS) } });
}

/** Whether a request shows a key or a ticket, right or wrong. */
function showsKey({ request: { headers }, url: { searchParams }, params }: Comer): boolean {
  return headers.has("authorization") || searchParams.has("key") || searchParams.has("ticket") ||
    params["secret"] !== undefined || offeredSubprotocols(headers)[0] === "bearer";
}
