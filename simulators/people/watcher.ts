/**
 * Simulates a watcher of a call at the live calls door, who may request to join or to end it.
 * @module
 */
import { type LiveCallsWire, liveCallsWire } from "../../protocols/live_calls/messages.ts";
import { closedWith, type Refusals } from "../output/connection_ends.ts";
import type { Report } from "../output/summary.ts";
import { type Sink, Timeline } from "../output/timeline.ts";
import { type Client, converse } from "../peer/converse.ts";
import { EventQueue } from "../peer/event_queue.ts";
import { bearer, type PeerSocket, type Received } from "../peer/peer_socket.ts";

/** Refusals in the document of the live calls door. */
const REFUSALS: Refusals = {
  401: "The server does not accept this key (--key)",
  404: "No call in progress has this conversation token",
};

/** How to play a watcher. */
export interface WatcherOptions {
  /** The server, such as `ws://127.0.0.1:8000`. */
  readonly url: string;
  readonly token: string;
  /** The bearer key; `dev`, which a server on loopback without keys accepts. */
  readonly key?: string;
  /** The watcher's user id: a watcher who joins is called at this user's number. */
  readonly user?: string;
  /** The watcher's request after connecting. */
  readonly asks?: readonly ("join" | "end")[];
  /** The last sequence number that the watcher knows: the server sends later events. */
  readonly after?: number;
  /** Leaves after this time; stays to the end of the call with Infinity. */
  readonly stayMs?: number;
  /** The time for an ack or an error; 5 s. */
  readonly answerWithinMs?: number;
  readonly sink?: Sink;
  /** Leaves when aborted. */
  readonly signal?: AbortSignal;
}

/** The messages that a watcher received. */
export interface WatcherReport extends Report {
  /** All messages, in order. */
  readonly heard: readonly Received<LiveCallsWire>[];
  readonly callEnded: boolean;
}

/** Watches one call and resolves when the watcher has left. Never rejects because of the server. */
export async function watchCall(options: WatcherOptions): Promise<WatcherReport> {
  const watch = new Watch(options);
  await watch.run();
  return watch.report();
}

interface Asked {
  readonly sentAtMs: number;
  acked: boolean;
}

class Watch implements Client<LiveCallsWire> {
  readonly timeline: Timeline;
  readonly events = new EventQueue<Received<LiveCallsWire>>();
  readonly #options: WatcherOptions;
  readonly #heard: Received<LiveCallsWire>[] = [];
  readonly #roundTripsMs: number[] = [];
  readonly #asked = new Map<string, Asked>();
  /** An error names no message: it answers the oldest pending one. */
  readonly #waiting: string[] = [];
  #socket!: PeerSocket<LiveCallsWire>;
  #lastSeq: number;
  #started = false;
  #callEnded = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#lastSeq = options.after ?? 0;
    this.#started = options.after !== undefined;
    this.timeline = new Timeline(options.user ?? "watcher", options.sink);
  }

  async run(): Promise<void> {
    const { url, token, key = "dev", user, after, stayMs, signal } = this.#options;
    const door = new URL(`/ws/v1/liveCalls?conversationToken=${encodeURIComponent(token)}`, url);
    if (after !== undefined) door.searchParams.set("after", String(after));
    const headers = {
      ...bearer(key),
      ...(user === undefined ? {} : { "x-tipring-user-id": user }),
    };
    const visit = { serverUrl: url, url: door.href, headers, stayMs, signal, refusals: REFUSALS };
    await converse(this, liveCallsWire, visit);
  }

  opened(socket: PeerSocket<LiveCallsWire>): void {
    this.#socket = socket;
    for (const what of this.#options.asks ?? []) this.#ask(what);
  }

  report(): WatcherReport {
    return {
      who: this.#options.token,
      faults: this.timeline.faults,
      unreachable: this.timeline.unreachable,
      roundTripsMs: this.#roundTripsMs,
      heard: this.#heard,
      callEnded: this.#callEnded,
      facts: { messages: this.#heard.length, callEnded: this.#callEnded },
    };
  }

  #ask(what: "join" | "end"): void {
    const id = `${what}-${crypto.randomUUID()}`;
    const type = what === "join" ? "client:joinCall" : "client:endCall";
    this.timeline.sent(type, { id });
    this.#asked.set(id, { sentAtMs: this.timeline.nowMs, acked: false });
    this.#waiting.push(id);
    this.#socket.send({ type, id });
    this.events.timer(id, this.#options.answerWithinMs ?? 5000);
  }

  receive(message: Received<LiveCallsWire>): boolean {
    this.#receive(message);
    return true;
  }

  #receive(message: Received<LiveCallsWire>): void {
    const { type, ...detail } = message;
    this.timeline.received(type, detail);
    this.#heard.push(message);
    if (this.#callEnded) this.timeline.broke("watch.call-end-last", `${type} after it`);
    if (message.type === "ack") return this.#acked(message.ackId);
    if (message.type === "error") {
      const id = this.#waiting.shift();
      return id === undefined ? undefined : this.#answered(id);
    }
    if (!this.#started && message.type !== "event:start") {
      this.timeline.broke("watch.start-first", `${type} before it`);
    }
    this.#started = true;
    if (this.#options.after !== undefined) this.#checkOrder(type, message.seq);
    if (message.type === "event:callEnd") {
      this.#callEnded = true;
      this.events.timer("close", this.#options.answerWithinMs ?? 5000);
    }
  }

  #acked(id: string): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return this.timeline.broke("watch.ack-known", `ack of ${id}`);
    if (asked.acked) return this.timeline.broke("watch.ack-once", `a second ack of ${id}`);
    asked.acked = true;
    this.#answered(id);
  }

  #answered(id: string): void {
    this.events.cancel(id);
    const at = this.#waiting.indexOf(id);
    if (at !== -1) this.#waiting.splice(at, 1);
    const { sentAtMs } = this.#asked.get(id)!;
    this.#roundTripsMs.push(this.timeline.nowMs - sentAtMs);
  }

  #checkOrder(type: string, seq: number | undefined): void {
    if (seq === undefined || seq <= this.#lastSeq) {
      this.timeline.broke("watch.in-order", `${type} has ${seq} after ${this.#lastSeq}`);
    }
    this.#lastSeq = seq ?? this.#lastSeq;
  }

  timeout(timer: string): boolean {
    if (timer === "leave") {
      this.timeline.sent("close", { code: 1000 });
      return false;
    }
    if (timer === "close") {
      this.timeline.broke("watch.close-1000", "the socket stays open after event:callEnd");
      return false;
    }
    this.timeline.broke("watch.answers", `neither ack nor error for ${timer} in time`);
    return true;
  }

  closed(code: number, reason: string): void {
    if (this.#callEnded && code === 1000) return;
    const when = this.#callEnded ? "after" : "before";
    this.timeline.broke("watch.close-1000", `${closedWith(code, reason)} ${when} event:callEnd`);
  }
}
