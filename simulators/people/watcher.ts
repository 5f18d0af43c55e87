/**
 * Plays somebody who watches a call at the live calls door, and may join or end it.
 * @module
 */
import { type LiveCallsWire, liveCallsWire } from "../../protocols/live_calls/messages.ts";
import { closedWith } from "../output/closed_with.ts";
import { EventQueue } from "../peer/event_queue.ts";
import { type Received, PeerSocket, bearer } from "../peer/peer_socket.ts";
import type { Report } from "../output/summary.ts";
import { type Sink, Timeline } from "../output/timeline.ts";
import type { Refusals } from "../output/unreachable.ts";

/** The live calls door refuses these by its document. */
const REFUSALS: Refusals = {
  401: "The server does not take this key (--key)",
  404: "There is no such call, or it is over",
};

/** One watcher. */
export interface WatcherOptions {
  /** The server, such as `ws://127.0.0.1:8000`. */
  readonly url: string;
  readonly token: string;
  /** The bearer key; `dev`, which a server on loopback without keys takes. */
  readonly key?: string;
  /** Names the watcher: who joins is called at this user's number. */
  readonly user?: string;
  /** What is asked for as soon as the watcher is in. */
  readonly asks?: readonly ("join" | "end")[];
  /** The last number that the watcher knows: what comes after it is told. */
  readonly after?: number;
  /** Leaves after so long; stays to the end of the call with Infinity. */
  readonly stayMs?: number;
  /** How long an ack or an error may take; 5 s. */
  readonly answerWithinMs?: number;
  readonly sink?: Sink;
  /** Leaves as soon as it is given. */
  readonly signal?: AbortSignal;
}

/** What a watch came to. */
export interface WatcherReport extends Report {
  /** Everything that the watcher heard, in order. */
  readonly heard: readonly Received<LiveCallsWire>[];
  readonly callEnded: boolean;
}

/** Watches one call and resolves when the watch is over. Never rejects for what a server does. */
export async function watchCall(options: WatcherOptions): Promise<WatcherReport> {
  const watch = new Watch(options);
  await watch.run();
  return watch.report();
}

interface Asked {
  readonly sentAtMs: number;
  acked: boolean;
}

class Watch {
  readonly #options: WatcherOptions;
  readonly #timeline: Timeline;
  readonly #events = new EventQueue<Received<LiveCallsWire>>();
  readonly #heard: Received<LiveCallsWire>[] = [];
  readonly #roundTripsMs: number[] = [];
  readonly #asked = new Map<string, Asked>();
  /** Errors name no message: they answer the oldest one that waits. */
  readonly #waiting: string[] = [];
  #socket!: PeerSocket<LiveCallsWire>;
  #lastSeq: number;
  #started = false;
  #callEnded = false;
  #leaving = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#lastSeq = options.after ?? 0;
    this.#started = options.after !== undefined;
    this.#timeline = new Timeline(options.user ?? "watcher", options.sink);
  }

  async run(): Promise<void> {
    using events = this.#events;
    const { url, token, key = "dev", user, after, asks = [], stayMs, signal } = this.#options;
    const query = new URLSearchParams({ conversationToken: token });
    if (after !== undefined) query.set("after", String(after));
    const headers = {
      ...bearer(key),
      ...(user === undefined ? {} : { "x-tipring-user-id": user }),
    };
    try {
      const door = new URL(`/ws/v1/liveCalls?${query}`, url).href;
      this.#socket = await PeerSocket.open(liveCallsWire, { url: door, headers }, events);
    } catch (error) {
      return this.#timeline.cannotConnect(url, error as Error, REFUSALS);
    }
    this.#timeline.checksHabits = this.#socket.isTipring;
    for (const what of asks) this.#ask(what);
    if (stayMs !== undefined) events.timer("leave", stayMs);
    events.timeoutOn(signal, "leave");
    for await (const told of events) {
      if (told.kind === "closed") {
        this.#closed(told.code, told.reason);
        break;
      }
      if (told.kind === "message") this.#hear(told.message);
      else if (told.kind === "audio") {
        this.#timeline.broke("text-only", `${told.bytes.length} bytes`);
      } else if (told.kind === "malformed") {
        this.#timeline.broke("known-messages", `${told.why}: ${told.detail}`);
      } else if (!this.#timeout(told.timer)) break;
    }
    await this.#socket.leave();
  }

  report(): WatcherReport {
    return {
      who: this.#options.token,
      faults: this.#timeline.faults,
      unreachable: this.#timeline.unreachable,
      roundTripsMs: this.#roundTripsMs,
      heard: this.#heard,
      callEnded: this.#callEnded,
      facts: { messages: this.#heard.length, callEnded: this.#callEnded },
    };
  }

  #ask(what: "join" | "end"): void {
    const id = `${what}-${crypto.randomUUID()}`;
    const type = what === "join" ? "client:joinCall" : "client:endCall";
    this.#timeline.sent(type, { id });
    this.#asked.set(id, { sentAtMs: this.#timeline.nowMs, acked: false });
    this.#waiting.push(id);
    this.#socket.send({ type, id });
    this.#events.timer(id, this.#options.answerWithinMs ?? 5000);
  }

  #hear(message: Received<LiveCallsWire>): void {
    const { type, ...detail } = message;
    this.#timeline.received(type, detail);
    this.#heard.push(message);
    if (this.#callEnded) this.#timeline.broke("watch.call-end-last", `${type} after it`);
    if (message.type === "ack") return this.#acked(message.ackId);
    if (message.type === "error") {
      const id = this.#waiting.shift();
      return id === undefined ? undefined : this.#answered(id);
    }
    if (!this.#started && message.type !== "event:start") {
      this.#timeline.broke("watch.start-first", `${type} before it`);
    }
    this.#started = true;
    if (this.#options.after !== undefined) this.#checkOrder(type, message.seq);
    if (message.type === "event:callEnd") {
      this.#callEnded = true;
      this.#events.timer("close", this.#options.answerWithinMs ?? 5000);
    }
  }

  #acked(id: string): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return this.#timeline.broke("watch.ack-known", `ack of ${id}`);
    if (asked.acked) return this.#timeline.broke("watch.ack-once", `a second ack of ${id}`);
    asked.acked = true;
    this.#answered(id);
  }

  #answered(id: string): void {
    this.#events.cancel(id);
    const at = this.#waiting.indexOf(id);
    if (at !== -1) this.#waiting.splice(at, 1);
    const { sentAtMs } = this.#asked.get(id)!;
    this.#roundTripsMs.push(this.#timeline.nowMs - sentAtMs);
  }

  #checkOrder(type: string, seq: number | undefined): void {
    if (seq === undefined || seq <= this.#lastSeq) {
      this.#timeline.broke("watch.in-order", `${type} has ${seq} after ${this.#lastSeq}`);
    }
    this.#lastSeq = seq ?? this.#lastSeq;
  }

  /** False where there is nothing more to wait for. */
  #timeout(name: string): boolean {
    if (name === "leave") {
      this.#timeline.sent("close", { code: 1000 });
      this.#leaving = true;
      return false;
    }
    if (name === "close") {
      this.#timeline.broke("watch.close-1000", "the socket stays open after event:callEnd");
      return false;
    }
    this.#timeline.broke("watch.answers", `neither ack nor error for ${name} in time`);
    return true;
  }

  #closed(code: number, reason: string): void {
    this.#timeline.received("close", { code, reason });
    if (this.#leaving) return;
    if (!this.#callEnded) {
      this.#timeline.broke("watch.close-1000", `${closedWith(code, reason)} before event:callEnd`);
    } else if (code !== 1000) {
      this.#timeline.broke("watch.close-1000", `${closedWith(code, reason)} after event:callEnd`);
    }
  }
}
