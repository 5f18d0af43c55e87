/**
 * The connection of a simulated jambonz server to the application: requests and their acks,
 * commands, and reconnects.
 * @module
 */
import type { Command, Verb } from "../../protocols/jambonz/commands.ts";
import { type CallInfo, type JambonzWire, jambonzWire } from "../../protocols/jambonz/messages.ts";
import { faultBySpecifications, FRAME_BYTES } from "../../protocols/jambonz/verbs.ts";
import { closedWith } from "../output/connection_ends.ts";
import type { Timeline } from "../output/timeline.ts";
import { EventQueue, type PeerEvent } from "../peer/event_queue.ts";
import { bearer, PeerSocket, type Received, type Sent } from "../peer/peer_socket.ts";
import type { SimulatedTime } from "../time/simulated_time.ts";
import { framesIn, type JambonzManner } from "./manners.ts";
import { commandDetail, messageDetail, verbsOf } from "./timeline_detail.ts";

const SUBPROTOCOL = "ws.jambonz.org";
/** jambonz opens at most this many connections for one call. */
const CONNECTIONS = 5;
/** RFC 6455, 7.4.1: the message is too big. */
const TOO_BIG = 1009;
/** The socket was lost before the ack. */
const LOST = Symbol("lost");

type MessageType = Sent<JambonzWire>["type"];

/** The verbs of an ack; undefined without a valid ack. */
export type Acked = readonly Verb[] | undefined;

/** The part of its call that a connection needs. */
export interface ConnectionOptions {
  readonly url: string;
  readonly key: string | undefined;
  readonly manner: JambonzManner;
  /** The data of session:new. */
  readonly info: CallInfo & { readonly call_sid: string };
  readonly time: SimulatedTime;
  readonly timeline: Timeline;
  /** A real server waits 5 s. */
  readonly ackWithinMs: number;
  /** Called with every valid command. */
  onCommand(command: Command): void;
  /** Called when jambonz gives the call up. */
  onLost(why: string): void;
}

interface Pending {
  readonly type: MessageType;
  readonly sentAtMs: number;
  readonly timer: ReturnType<typeof setTimeout>;
  settle(acked: Acked | typeof LOST): void;
}

/** The connection of one call, over one or more sockets. */
export class Connection {
  readonly roundTripsMs: number[] = [];
  readonly #options: ConnectionOptions;
  readonly #timeline: Timeline;
  readonly #pending = new Map<string, Pending>();
  readonly #acked = new Set<string>();
  /** Requests whose time is over or whose socket is lost: an ack may still come. */
  readonly #givenUp = new Set<string>();
  readonly #first = Promise.withResolvers<Acked>();
  /** The socket; undefined when jambonz has given the call up. */
  #socket: Promise<PeerSocket<JambonzWire> | undefined> = Promise.resolve(undefined);
  #reconnects = 0;
  /** Never decreases within a call. */
  #backoffSeconds = 0.5;
  readonly #ended = new AbortController();
  #greeted = false;
  #over = false;
  #reading: Promise<void> = Promise.resolve();
  #messages = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#timeline = options.timeline;
  }

  /** How often it has reconnected. */
  get reconnects(): number {
    return this.#reconnects;
  }

  /** Connects with session:new. Resolves with the first verbs, which may follow a reconnect. */
  async open(): Promise<Acked> {
    try {
      this.#socket = Promise.resolve(await this.#open());
    } catch (error) {
      const { message } = error as Error;
      if (message.includes("subprotocol")) this.#timeline.broke("jambonz.subprotocol", message);
      else this.#timeline.cannotConnect(this.#options.url, error as Error);
      return undefined;
    }
    this.#request("session:new", this.#options.info).then((acked) => {
      // After a lost socket the verbs come with the ack to session:reconnect.
      if (acked !== LOST) this.#first.resolve(acked);
    });
    return await this.#first.promise;
  }

  /** Sends a request and resolves with the verbs of its ack. */
  async request(type: MessageType, data: CallInfo, hook?: string): Promise<Acked> {
    const acked = await this.#request(type, data, hook);
    return acked === LOST ? undefined : acked;
  }

  /** Sends a message without an ack. */
  async notify(type: MessageType, data: Readonly<Record<string, unknown>>): Promise<void> {
    const socket = await this.#socket;
    if (socket !== undefined) this.#send(socket, type, data);
  }

  /** Resolves when everything that the application has sent so far is read. */
  async caughtUp(): Promise<void> {
    const socket = await this.#socket;
    await socket?.caughtUp();
  }

  /** Drops the socket. Resolves when it has reconnected or given up. */
  async dropAndReturn(): Promise<void> {
    await this.drop();
    await this.#socket;
  }

  /** Drops the socket, and begins to reconnect. */
  async drop(): Promise<void> {
    const socket = await this.#socket;
    const reading = this.#reading;
    this.#timeline.note("the socket is dropped");
    await socket?.drop();
    await reading;
  }

  /** Gives up reconnecting: the call is over. */
  stopReconnecting(): void {
    this.#ended.abort();
  }

  /** Closes at the end of the call. */
  async close(): Promise<void> {
    this.#over = true;
    this.stopReconnecting();
    const socket = await this.#socket;
    for (const msgid of [...this.#pending.keys()]) this.#settle(msgid, undefined);
    if (socket !== undefined) this.#timeline.sent("close", { code: 1000 });
    await socket?.close();
    await this.#reading;
  }

  async #request(type: MessageType, data: CallInfo, hook?: string): Promise<Acked | typeof LOST> {
    const socket = await this.#socket;
    if (socket === undefined) return LOST;
    const { promise, resolve } = Promise.withResolvers<Acked | typeof LOST>();
    const msgid = this.#send(socket, type, data, hook);
    const { ackWithinMs } = this.#options;
    const timer = setTimeout(() => {
      this.#timeline.broke("jambonz.ack-in-time", `no ack to ${type} within ${ackWithinMs} ms`);
      this.#settle(msgid, undefined);
    }, ackWithinMs);
    this.#pending.set(msgid, { type, sentAtMs: this.#timeline.nowMs, timer, settle: resolve });
    socket.closed.then(() => this.#settle(msgid, LOST));
    return await promise;
  }

  #send(
    socket: PeerSocket<JambonzWire>,
    type: MessageType,
    data: Readonly<Record<string, unknown>>,
    hook?: string,
  ): string {
    const { call_sid } = this.#options.info;
    const msgid = `${call_sid.slice(0, 8)}-${++this.#messages}`;
    this.#timeline.sent(type, messageDetail(type, data, hook));
    // The socket validates the message.
    const message = { type, msgid, call_sid, data, hook } as Sent<JambonzWire>;
    const frames = framesIn(this.#options.manner, message);
    // The application may ack the other frames.
    for (const { msgid: own } of frames) if (own !== msgid) this.#givenUp.add(String(own));
    socket.send(message, frames);
    return msgid;
  }

  async #open(): Promise<PeerSocket<JambonzWire>> {
    const { url, key } = this.#options;
    const events = new EventQueue<Received<JambonzWire>>();
    const approach = { url, subprotocol: SUBPROTOCOL, headers: bearer(key) };
    const socket = await PeerSocket.open(jambonzWire, approach, events);
    this.#reading = this.#read(events);
    return socket;
  }

  async #read(events: EventQueue<Received<JambonzWire>>): Promise<void> {
    for await (const event of events) {
      if (event.kind === "closed") return this.#closed(event.code, event.reason);
      this.#receive(event);
    }
  }

  #receive(event: PeerEvent<Received<JambonzWire>>): void {
    const timeline = this.#timeline;
    if (event.kind === "timeout" || event.kind === "closed") return;
    if (event.kind === "audio") return timeline.broke("text-only", `${event.bytes.length} bytes`);
    if (event.frameBytes > FRAME_BYTES) {
      timeline.broke("jambonz.frame-size", `a frame of ${event.frameBytes} bytes`);
      return void this.#socket.then((socket) => socket?.close(TOO_BIG));
    }
    if (event.kind === "malformed") {
      const rule = event.why === "unknown type" ? "jambonz.commands" : "known-messages";
      return timeline.broke(rule, `${event.why}: ${event.detail}`);
    }
    const { message } = event;
    if (message.type === "ack") return this.#receiveAck(message.msgid, message.data);
    timeline.received(`command ${message.command}`, commandDetail(message));
    if (!this.#greeted) {
      return timeline.broke("jambonz.after-ack", `${message.command} is lost`);
    }
    const fault = faultBySpecifications(verbsOf(message));
    if (fault === undefined) return this.#options.onCommand(message);
    timeline.broke("jambonz.verbs", `${message.command}: ${fault}`);
  }

  #receiveAck(msgid: string, verbs: readonly Verb[] = []): void {
    const pending = this.#pending.get(msgid);
    const timeline = this.#timeline;
    timeline.received("ack", {
      to: pending?.type ?? msgid,
      ...(verbs.length === 0 ? {} : { verbs: verbs.map(({ verb }) => verb) }),
    });
    if (pending === undefined) {
      if (this.#acked.has(msgid)) timeline.broke("jambonz.ack-once", `a second ack of ${msgid}`);
      else if (!this.#givenUp.has(msgid)) timeline.broke("jambonz.ack-known", `ack of ${msgid}`);
      return;
    }
    this.#acked.add(msgid);
    this.roundTripsMs.push(timeline.nowMs - pending.sentAtMs);
    const fault = faultBySpecifications(verbs);
    if (fault !== undefined) {
      // jambonz rejects an ack with one invalid verb.
      timeline.broke("jambonz.verbs", `ack to ${pending.type}: ${fault}`);
      this.notify("jambonz:error", { msg: "invalid verbs", details: fault });
      return this.#settle(msgid, undefined);
    }
    if (pending.type === "session:new") {
      this.#greeted = true;
      if (verbs.length === 0) timeline.broke("jambonz.first-verbs", "an empty ack to session:new");
    }
    this.#settle(msgid, verbs);
  }

  #settle(msgid: string, acked: Acked | typeof LOST): void {
    const pending = this.#pending.get(msgid);
    if (pending === undefined) return;
    this.#pending.delete(msgid);
    clearTimeout(pending.timer);
    if (!this.#acked.has(msgid)) this.#givenUp.add(msgid);
    pending.settle(acked);
  }

  #closed(code: number, reason: string): void {
    if (this.#over) return;
    this.#timeline.received("close", { code, reason });
    if (code === 1000) {
      this.#timeline.broke("jambonz.no-early-1000", `${closedWith(code, reason)}, early`);
      this.#socket = Promise.resolve(undefined);
      return this.#giveUp("the application closed with 1000");
    }
    this.#socket = this.#reconnect();
  }

  async #reconnect(): Promise<PeerSocket<JambonzWire> | undefined> {
    // A failed attempt is no connection: the next one follows while the call lasts.
    while (this.#reconnects + 1 < CONNECTIONS && !this.#ended.signal.aborted) {
      const seconds = this.#backoffSeconds;
      this.#backoffSeconds += seconds < 2 ? seconds : 2;
      await this.#options.time.sleep(seconds, this.#ended.signal);
      if (this.#ended.signal.aborted) break;
      this.#timeline.note("an attempt to reconnect", { after: `${seconds} s` });
      try {
        const socket = await this.#open();
        this.#reconnects++;
        // Waiting messages follow session:reconnect.
        this.#sendReconnect(socket);
        return socket;
      } catch (error) {
        this.#timeline.note("no connection", (error as Error).message);
      }
    }
    this.#timeline.broke("jambonz.reconnect", `${this.#reconnects + 1} connections were lost`);
    this.#giveUp("the application cannot be reached");
    return undefined;
  }

  async #sendReconnect(socket: PeerSocket<JambonzWire>): Promise<void> {
    this.#socket = Promise.resolve(socket);
    const acked = await this.#request("session:reconnect", this.#options.info);
    if (acked === LOST || this.#over) return;
    if (acked === undefined) return this.#giveUp("session:reconnect was not acked");
    if (!this.#greeted) {
      this.#greeted = true;
      if (acked.length === 0) {
        this.#timeline.broke("jambonz.first-verbs", "an empty ack, and none before it");
      }
      this.#first.resolve(acked);
    } else if (acked.length > 0) {
      const verbs = acked.map(({ verb }) => verb).join(", ");
      this.#timeline.broke("jambonz.no-second-greeting", `the ack holds ${verbs}`);
    }
  }

  #giveUp(why: string): void {
    this.#first.resolve(undefined);
    this.#options.onLost(why);
  }
}
