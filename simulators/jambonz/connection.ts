/**
 * The socket of a simulated jambonz server: message ids, acks and their time, and the attempts to
 * come back when it is lost.
 * @module
 */
import type { Command, Verb } from "../../protocols/jambonz/commands.ts";
import { type CallInfo, type JambonzWire, jambonzWire } from "../../protocols/jambonz/messages.ts";
import { faultBySpecifications, FRAME_BYTES } from "../../protocols/jambonz/verbs.ts";
import { closedWith } from "../output/closed_with.ts";
import { EventQueue, type PeerEvent } from "../peer/event_queue.ts";
import type { Acked, NoticeType, RequestType } from "./message_types.ts";
import { commandDetail, messageDetail, verbsOf } from "./timeline_detail.ts";
import { framesIn, type JambonzManner } from "./manners.ts";
import type { SimulatedTime } from "../time/simulated_time.ts";
import { bearer, PeerSocket, type Received, type Sent } from "../peer/peer_socket.ts";
import type { Timeline } from "../output/timeline.ts";

/** The subprotocol of the jambonz door. */
const SUBPROTOCOL = "ws.jambonz.org";
/** jambonz makes no more connections of its own accord for one call. */
const CONNECTIONS = 5;

/** What a line is opened with. */
export interface ConnectionOptions {
  readonly url: string;
  readonly key?: string;
  readonly manner: JambonzManner;
  /** The data of session:new. */
  readonly info: CallInfo & { readonly call_sid: string };
  readonly time: SimulatedTime;
  readonly timeline: Timeline;
  /** A real server waits 5 s. */
  readonly ackWithinMs: number;
  /** Hears every command that is in order. */
  onCommand(command: Command): void;
  /** The call cannot go on: jambonz ends it. */
  onLost(why: string): void;
}

interface Pending {
  readonly type: RequestType;
  readonly sentAtMs: number;
  readonly timer: ReturnType<typeof setTimeout>;
  settle(acked: Acked): void;
}

type Said = Received<JambonzWire>;

/** One call's line, over as many sockets as it takes. */
export class Connection {
  readonly roundTripsMs: number[] = [];
  readonly #options: ConnectionOptions;
  readonly #timeline: Timeline;
  readonly #pending = new Map<string, Pending>();
  readonly #acked = new Set<string>();
  /** Given up, because of time or a lost socket: an ack may still come. */
  readonly #givenUp = new Set<string>();
  readonly #first = Promise.withResolvers<Acked>();
  /** The socket, or none when the call cannot go on. */
  #socket: Promise<PeerSocket<JambonzWire> | undefined> = Promise.resolve(undefined);
  #reconnects = 0;
  /** Never goes back within a call, whether an attempt succeeds or not. */
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

  /** How often the line has come back. */
  get reconnects(): number {
    return this.#reconnects;
  }

  /** Opens the line with session:new and resolves with the first verbs, be it after a reconnect. */
  async begin(): Promise<Acked> {
    try {
      const socket = await this.#open();
      this.#socket = Promise.resolve(socket);
    } catch (error) {
      const { message } = error as Error;
      if (message.includes("subprotocol")) this.#timeline.broke("jambonz.subprotocol", message);
      else this.#timeline.cannotConnect(this.#options.url, error as Error);
      return undefined;
    }
    this.#ask("session:new", this.#options.info).then((acked) => {
      // A lost socket settles nothing: the verbs come with the ack to session:reconnect.
      if (acked !== LOST) this.#first.resolve(acked);
    });
    return await this.#first.promise;
  }

  /** Asks, and resolves with what the ack brought. */
  async ask(type: RequestType, data: CallInfo, hook?: string): Promise<Acked> {
    const acked = await this.#ask(type, data, hook);
    return acked === LOST ? undefined : acked;
  }

  /** Tells something that asks for no ack. */
  async tell(type: NoticeType, data: Readonly<Record<string, unknown>>): Promise<void> {
    const socket = await this.#socket;
    if (socket !== undefined) this.#send(socket, type, data);
  }

  /** Resolves when all that the application said before now has been heard. */
  async caughtUp(): Promise<void> {
    const socket = await this.#socket;
    await socket?.caughtUp();
  }

  /** Loses the socket; resolves when the line is back, or cannot come back. */
  async drop(): Promise<void> {
    await this.lose();
    await this.#socket;
  }

  /** Loses the socket; the line comes back by itself. */
  async lose(): Promise<void> {
    const socket = await this.#socket;
    const reading = this.#reading;
    this.#timeline.note("the socket is dropped");
    await socket?.lose();
    await reading;
  }

  /** Nothing is left of the call that it should come back for. */
  stopTrying(): void {
    this.#ended.abort();
  }

  /** The call is over: jambonz closes from its side. */
  async end(): Promise<void> {
    this.#over = true;
    this.stopTrying();
    const socket = await this.#socket;
    for (const msgid of [...this.#pending.keys()]) this.#settle(msgid, undefined);
    if (socket !== undefined) this.#timeline.sent("close", { code: 1000 });
    await socket?.leave();
    await this.#reading;
  }

  async #ask(type: RequestType, data: CallInfo, hook?: string): Promise<Acked | typeof LOST> {
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
    socket.closed.then(() => {
      if (!this.#pending.has(msgid)) return;
      this.#settle(msgid, undefined, () => resolve(LOST));
    });
    return await promise;
  }

  #send(
    socket: PeerSocket<JambonzWire>,
    type: RequestType | NoticeType,
    data: Readonly<Record<string, unknown>>,
    hook?: string,
  ): string {
    const { call_sid } = this.#options.info;
    const msgid = `${call_sid.slice(0, 8)}-${++this.#messages}`;
    this.#timeline.sent(type, messageDetail(type, data, hook));
    // The types of the union follow from `type`; the socket parses what leaves.
    const message = { type, msgid, call_sid, data, hook } as Sent<JambonzWire>;
    const frames = framesIn(this.#options.manner, message);
    // Nobody waits for an ack of the others, and one does no harm.
    for (const { msgid: own } of frames) if (own !== msgid) this.#givenUp.add(String(own));
    socket.send(message, frames);
    return msgid;
  }

  async #open(): Promise<PeerSocket<JambonzWire>> {
    const { url, key } = this.#options;
    const events = new EventQueue<Said>();
    const approach = { url, subprotocol: SUBPROTOCOL, headers: bearer(key) };
    const socket = await PeerSocket.open(jambonzWire, approach, events);
    this.#reading = this.#read(events);
    return socket;
  }

  async #read(events: EventQueue<Said>): Promise<void> {
    for await (const told of events) {
      if (told.kind === "closed") return this.#closed(told.code, told.reason);
      this.#hear(told);
    }
  }

  #hear(told: Exclude<PeerEvent<Said>, { kind: "closed" }>): void {
    const timeline = this.#timeline;
    if (told.kind === "audio") return timeline.broke("text-only", `${told.bytes.length} bytes`);
    if (told.kind === "timeout") return;
    if (told.frameBytes > FRAME_BYTES) {
      timeline.broke("jambonz.frame-size", `a frame of ${told.frameBytes} bytes`);
      return void this.#socket.then((socket) => socket?.leave(TOO_BIG));
    }
    if (told.kind === "malformed") {
      const rule = told.why === "unknown type" ? "jambonz.commands" : "known-messages";
      return timeline.broke(rule, `${told.why}: ${told.detail}`);
    }
    const { message } = told;
    if (message.type === "ack") return this.#hearAck(message.msgid, message.data);
    timeline.received(`command ${message.command}`, commandDetail(message));
    if (!this.#greeted) {
      return timeline.broke("jambonz.after-ack", `${message.command}: it is lost without a word`);
    }
    const fault = faultBySpecifications(verbsOf(message));
    if (fault === undefined) return this.#options.onCommand(message);
    timeline.broke("jambonz.verbs", `${message.command}: ${fault}`);
  }

  #hearAck(msgid: string, verbs: readonly Verb[] = []): void {
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
      // One bad verb, and the whole ack is refused.
      timeline.broke("jambonz.verbs", `ack to ${pending.type}: ${fault}`);
      this.tell("jambonz:error", { msg: "invalid verbs", details: fault });
      return this.#settle(msgid, undefined);
    }
    if (pending.type === "session:new") {
      this.#greeted = true;
      if (verbs.length === 0) timeline.broke("jambonz.first-verbs", "an empty ack to session:new");
    }
    this.#settle(msgid, verbs);
  }

  #settle(msgid: string, acked: Acked, how?: () => void): void {
    const pending = this.#pending.get(msgid);
    if (pending === undefined) return;
    this.#pending.delete(msgid);
    clearTimeout(pending.timer);
    if (!this.#acked.has(msgid)) this.#givenUp.add(msgid);
    if (how === undefined) pending.settle(acked);
    else how();
  }

  #closed(code: number, reason: string): void {
    if (this.#over) return;
    this.#timeline.received("close", { code, reason });
    if (code === 1000) {
      this.#timeline.broke("jambonz.no-early-1000", `${closedWith(code, reason)}, early`);
      this.#socket = Promise.resolve(undefined);
      return this.#lose("the application has closed with 1000");
    }
    this.#socket = this.#comeBack();
  }

  async #comeBack(): Promise<PeerSocket<JambonzWire> | undefined> {
    // An attempt that fails makes no connection, and the next one follows, as long as the call
    // lasts.
    while (this.#reconnects + 1 < CONNECTIONS && !this.#ended.signal.aborted) {
      const seconds = this.#backoffSeconds;
      this.#backoffSeconds += seconds < 2 ? seconds : 2;
      await this.#options.time.sleep(seconds, this.#ended.signal);
      if (this.#ended.signal.aborted) break;
      this.#timeline.note("an attempt to come back", { after: `${seconds} s` });
      try {
        const socket = await this.#open();
        this.#reconnects++;
        // What waits to be said goes behind session:reconnect.
        this.#announceReturn(socket);
        return socket;
      } catch (error) {
        this.#timeline.note("no connection", (error as Error).message);
      }
    }
    this.#timeline.broke("jambonz.reconnect", `${this.#reconnects + 1} connections were lost`);
    this.#lose("the application cannot be reached");
    return undefined;
  }

  async #announceReturn(socket: PeerSocket<JambonzWire>): Promise<void> {
    this.#socket = Promise.resolve(socket);
    const acked = await this.#ask("session:reconnect", this.#options.info);
    if (acked === LOST || this.#over) return;
    if (acked === undefined) return this.#lose("session:reconnect was not acked");
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

  #lose(why: string): void {
    this.#first.resolve(undefined);
    this.#options.onLost(why);
  }
}

/** RFC 6455 section 7.4.1: a message is too big. */
const TOO_BIG = 1009;
/** The socket was lost before the ack. */
const LOST = Symbol("lost");
