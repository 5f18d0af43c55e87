/**
 * Plays a party of contracts at the notifications door: pings, asks, and hears what changes.
 * @module
 */
import { isWrittenLikeNumber, toE164 } from "../../phone/number.ts";
import { type NotificationsWire, notificationsWire } from "../../protocols/notifications/messages.ts";
import { closedWith } from "../output/closed_with.ts";
import { EventQueue } from "../peer/event_queue.ts";
import { type Received, PeerSocket, bearer, type Sent } from "../peer/peer_socket.ts";
import type { Report } from "../output/summary.ts";
import { type Sink, Timeline } from "../output/timeline.ts";

/** One party. */
export interface PartyOptions {
  /** The server, such as `ws://127.0.0.1:8000`. */
  readonly url: string;
  /** The party's telephone number. */
  readonly client: string;
  readonly key?: string;
  /** The last event_id that the party knows: what it missed comes first. */
  readonly after?: number;
  /** Contracts whose status is asked for. */
  readonly contracts?: readonly string[];
  /** Leaves after so long; stays with Infinity. */
  readonly stayMs?: number;
  /** Leaves when so many updates have come. */
  readonly untilUpdates?: number;
  /** From one ping to the next; 10 s. */
  readonly pingEveryMs?: number;
  /** How long an answer may take; 5 s. */
  readonly answerWithinMs?: number;
  readonly sink?: Sink;
  /** Leaves as soon as it is given. */
  readonly signal?: AbortSignal;
}

/** A message about what has changed. */
export type HeardUpdate = Extract<
  Received<NotificationsWire>,
  { type: "contract_update" | "payment_update" }
>;

/** What a party heard. */
export interface PartyReport extends Report {
  readonly updates: readonly HeardUpdate[];
  /** The status of each contract that was asked for. */
  readonly statuses: Readonly<Record<string, string>>;
}

/** Comes as one party and resolves when it has left. Never rejects for what a server does. */
export async function connectParty(options: PartyOptions): Promise<PartyReport> {
  const party = new Party(options);
  await party.run();
  return party.report();
}

class Party {
  readonly #options: PartyOptions;
  readonly #timeline: Timeline;
  readonly #events = new EventQueue<Received<NotificationsWire>>();
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
    this.#timeline = new Timeline(options.client, options.sink);
  }

  async run(): Promise<void> {
    using events = this.#events;
    const { url, client, key, after, contracts = [], stayMs, signal } = this.#options;
    const door = new URL(`/api/v1/ws/${encodeURIComponent(client)}`, url);
    if (after !== undefined) door.searchParams.set("after", String(after));
    try {
      const approach = { url: door.href, headers: bearer(key) };
      this.#socket = await PeerSocket.open(notificationsWire, approach, events);
    } catch (error) {
      return this.#timeline.cannotConnect(url, error as Error);
    }
    this.#timeline.checksHabits = this.#socket.isTipring;
    if (!isWrittenLikeNumber(client)) {
      // The door takes any id, and nothing would ever come.
      this.#timeline.note("nobody of a contract is called so: clients are telephone numbers", {
        such_as: "+254712345678",
      });
    } else if (toE164(client) === null) {
      this.#timeline.note("a national number: a server without DEFAULT_COUNTRY cannot know whose");
    }
    this.#sendPing();
    for (const contract_id of contracts) {
      this.#askedMs.set(contract_id, this.#timeline.nowMs);
      this.#say({ type: "contract_status", contract_id });
      events.timer(`status ${contract_id}`, this.#options.answerWithinMs ?? 5000);
    }
    if (stayMs !== undefined) events.timer("leave", stayMs);
    events.timeoutOn(signal, "leave");
    for await (const told of events) {
      if (told.kind === "closed") {
        this.#timeline.received("close", { code: told.code, reason: told.reason });
        this.#timeline.broke("party.stays-open", closedWith(told.code, told.reason));
        break;
      }
      if (told.kind === "message") this.#hear(told.message);
      else if (told.kind === "audio") {
        this.#timeline.broke("text-only", `${told.bytes.length} bytes`);
      } else if (told.kind === "malformed") {
        this.#timeline.broke("known-messages", `${told.why}: ${told.detail}`);
      } else if (told.timer === "leave") break;
      else this.#timeout(told.timer);
      if (this.#updates.length >= (this.#options.untilUpdates ?? Infinity)) break;
    }
    this.#timeline.sent("close", { code: 1000 });
    await this.#socket.leave();
  }

  report(): PartyReport {
    return {
      who: this.#options.client,
      faults: this.#timeline.faults,
      unreachable: this.#timeline.unreachable,
      roundTripsMs: this.#roundTripsMs,
      updates: this.#updates,
      statuses: this.#statuses,
      facts: { updates: this.#updates.length },
    };
  }

  #say(message: Sent<NotificationsWire>): void {
    const { type, ...detail } = message;
    this.#timeline.sent(type, detail);
    this.#socket.send(message);
  }

  /** The timestamp is of the kind that clients send; any JSON value would do. */
  #sendPing(): void {
    const timestamp = `${Date.now()}.${++this.#pings}`;
    this.#ping = { timestamp, sentAtMs: this.#timeline.nowMs };
    this.#say({ type: "ping", timestamp });
    this.#events.timer("pong", this.#options.answerWithinMs ?? 5000);
    this.#events.timer("ping", this.#options.pingEveryMs ?? 10_000);
  }

  #hear(message: Received<NotificationsWire>): void {
    const { type, ...detail } = message;
    this.#timeline.received(type, detail);
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
      return this.#timeline.broke("party.pong", `a pong with the timestamp ${told}`);
    }
    this.#events.cancel("pong");
    this.#roundTripsMs.push(this.#timeline.nowMs - this.#ping.sentAtMs);
    this.#ping = undefined;
  }

  #status(contractId: string, status: string): void {
    const askedMs = this.#askedMs.get(contractId);
    if (askedMs === undefined) {
      return this.#timeline.broke("party.status", `${contractId} was not asked for`);
    }
    this.#askedMs.delete(contractId);
    this.#events.cancel(`status ${contractId}`);
    this.#roundTripsMs.push(this.#timeline.nowMs - askedMs);
    this.#statuses[contractId] = status;
  }

  #checkOrder(type: string, id: number | undefined): void {
    if (id === undefined || id <= this.#lastId) {
      this.#timeline.broke("party.in-order", `${type} has ${id} after ${this.#lastId}`);
    }
    this.#lastId = id ?? this.#lastId;
  }

  #timeout(name: string): void {
    if (name === "ping") return this.#sendPing();
    if (name === "pong") return this.#timeline.broke("party.pong", "no pong in time");
    this.#timeline.broke("party.status", `no answer for ${name.slice("status ".length)} in time`);
  }
}
