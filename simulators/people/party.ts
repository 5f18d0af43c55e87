/**
 * Simulates a party of contracts at the notifications door: sends pings, requests statuses, and
 * receives updates.
 * @module
 */
import { isWrittenLikeNumber, toE164 } from "../../phone/number.ts";
import {
  type NotificationsWire,
  notificationsWire,
} from "../../protocols/notifications/messages.ts";
import { closedWith } from "../output/connection_ends.ts";
import type { Report } from "../output/summary.ts";
import { type Sink, Timeline } from "../output/timeline.ts";
import { type Client, converse } from "../peer/converse.ts";
import { EventQueue } from "../peer/event_queue.ts";
import { bearer, type PeerSocket, type Received, type Sent } from "../peer/peer_socket.ts";

const PING_EVERY_MS = 10_000;
const ANSWER_WITHIN_MS = 5000;

/** How to play a party. */
export interface PartyOptions {
  /** The server, such as `ws://127.0.0.1:8000`. */
  readonly url: string;
  /** The party's telephone number. */
  readonly client: string;
  readonly key?: string;
  /** The last event_id that the party knows: the server sends later events first. */
  readonly after?: number;
  /** Ids of contracts whose status it requests. */
  readonly contracts?: readonly string[];
  /** Leaves after this time; stays with Infinity. */
  readonly stayMs?: number;
  /** Leaves after this many updates. */
  readonly untilUpdates?: number;
  readonly sink?: Sink;
  /** Leaves when aborted. */
  readonly signal?: AbortSignal;
}

/** An update of a contract or a payment. */
export type HeardUpdate = Extract<
  Received<NotificationsWire>,
  { type: "contract_update" | "payment_update" }
>;

/** The messages that a party received. */
export interface PartyReport extends Report {
  readonly updates: readonly HeardUpdate[];
  /** The statuses that it requested, by contract id. */
  readonly statuses: Readonly<Record<string, string>>;
}

/** Plays one party and resolves when it has left. Never rejects because of the server. */
export async function connectParty(options: PartyOptions): Promise<PartyReport> {
  const party = new Party(options);
  await party.run();
  return party.report();
}

class Party implements Client<NotificationsWire> {
  readonly timeline: Timeline;
  readonly events = new EventQueue<Received<NotificationsWire>>();
  readonly #options: PartyOptions;
  readonly #updates: HeardUpdate[] = [];
  readonly #statuses: Record<string, string> = {};
  readonly #roundTripsMs: number[] = [];
  readonly #askedMs = new Map<string, number>();
  #socket!: PeerSocket<NotificationsWire>;
  #ping: { readonly timestamp: string; readonly sentAtMs: number } | undefined;
  #pings = 0;
  #lastId: number;

  constructor(options: PartyOptions) {
    this.#options = options;
    this.#lastId = options.after ?? 0;
    this.timeline = new Timeline(options.client, options.sink);
  }

  async run(): Promise<void> {
    const { url, client, key, after, stayMs, signal } = this.#options;
    const door = new URL(`/api/v1/ws/${encodeURIComponent(client)}`, url);
    if (after !== undefined) door.searchParams.set("after", String(after));
    const visit = { serverUrl: url, url: door.href, headers: bearer(key), stayMs, signal };
    await converse(this, notificationsWire, visit);
  }

  opened(socket: PeerSocket<NotificationsWire>): void {
    const { client, contracts = [] } = this.#options;
    this.#socket = socket;
    if (!isWrittenLikeNumber(client)) {
      // The door accepts any id, but only telephone numbers receive updates.
      this.timeline.note("no contract has this party: clients are telephone numbers", {
        such_as: "+254712345678",
      });
    } else if (toE164(client) === null) {
      this.timeline.note("a national number: the server needs DEFAULT_COUNTRY to read it");
    }
    this.#sendPing();
    for (const contract_id of contracts) {
      this.#askedMs.set(contract_id, this.timeline.nowMs);
      this.#send({ type: "contract_status", contract_id });
      this.events.timer(`status ${contract_id}`, ANSWER_WITHIN_MS);
    }
  }

  closed(code: number, reason: string): void {
    this.timeline.broke("party.stays-open", closedWith(code, reason));
    this.#leave();
  }

  report(): PartyReport {
    return {
      who: this.#options.client,
      faults: this.timeline.faults,
      unreachable: this.timeline.unreachable,
      roundTripsMs: this.#roundTripsMs,
      updates: this.#updates,
      statuses: this.#statuses,
      facts: { updates: this.#updates.length },
    };
  }

  #send(message: Sent<NotificationsWire>): void {
    const { type, ...detail } = message;
    this.timeline.sent(type, detail);
    this.#socket.send(message);
  }

  /** The timestamp looks like those of real clients; the door accepts any JSON value. */
  #sendPing(): void {
    const timestamp = `${Date.now()}.${++this.#pings}`;
    this.#ping = { timestamp, sentAtMs: this.timeline.nowMs };
    this.#send({ type: "ping", timestamp });
    this.events.timer("pong", ANSWER_WITHIN_MS);
    this.events.timer("ping", PING_EVERY_MS);
  }

  receive(message: Received<NotificationsWire>): boolean {
    this.#receive(message);
    return this.#updates.length < (this.#options.untilUpdates ?? Infinity) || this.#leave();
  }

  timeout(timer: string): boolean {
    if (timer === "leave") return this.#leave();
    if (timer === "ping") this.#sendPing();
    else if (timer === "pong") this.timeline.broke("party.pong", "no pong in time");
    else {
      const id = timer.slice("status ".length);
      this.timeline.broke("party.status", `no answer for ${id} in time`);
    }
    return true;
  }

  #leave(): false {
    this.timeline.sent("close", { code: 1000 });
    return false;
  }

  #receive(message: Received<NotificationsWire>): void {
    const { type, ...detail } = message;
    this.timeline.received(type, detail);
    switch (message.type) {
      case "pong":
        return this.#pong(message.timestamp);
      case "contract_status_response":
        return this.#status(message.contract_id, message.status);
      case "contract_update":
      case "payment_update":
        this.#updates.push(message);
        if (this.#options.after !== undefined) this.#checkOrder(type, message.event_id);
    }
  }

  #pong(timestamp: unknown): void {
    if (this.#ping === undefined || this.#ping.timestamp !== timestamp) {
      const told = JSON.stringify(timestamp);
      return this.timeline.broke("party.pong", `a pong with the timestamp ${told}`);
    }
    this.events.cancel("pong");
    this.#roundTripsMs.push(this.timeline.nowMs - this.#ping.sentAtMs);
    this.#ping = undefined;
  }

  #status(contractId: string, status: string): void {
    const askedMs = this.#askedMs.get(contractId);
    if (askedMs === undefined) {
      return this.timeline.broke("party.status", `${contractId} was not requested`);
    }
    this.#askedMs.delete(contractId);
    this.events.cancel(`status ${contractId}`);
    this.#roundTripsMs.push(this.timeline.nowMs - askedMs);
    this.#statuses[contractId] = status;
  }

  #checkOrder(type: string, id: number | undefined): void {
    if (id === undefined || id <= this.#lastId) {
      this.timeline.broke("party.in-order", `${type} has ${id} after ${this.#lastId}`);
    }
    this.#lastId = id ?? this.#lastId;
  }
}
