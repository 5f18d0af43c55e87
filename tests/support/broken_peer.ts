/**
 * Servers that are broken on purpose: one for each rule of the simulators, which breaks only this
 * rule.
 * @module
 */
import { POWERED_BY } from "../../session/handshake.ts";
import type { RuleName } from "../../simulators/rules.ts";
import { within } from "./arrivals.ts";
import { BROKEN_AUDIO } from "./broken_audio.ts";

/** A JSON message. */
export type Message = Readonly<Record<string, unknown>>;

/** One client of a broken server. */
export interface Connection {
  /** Sends a message as JSON, text unchanged, bytes as a binary frame. */
  say(frame: Message | string | Uint8Array<ArrayBuffer>): void;
  close(code: number): void;
  /** How many clients of the same kind came before. */
  readonly number: number;
  /** The headers of its request. */
  readonly headers: Headers;
}

/** How a server behaves. */
export interface Behaviour {
  /** Whether it upgrades a client; always by default. */
  readonly admits?: (number: number) => boolean;
  /** Whether it echoes the offered subprotocol; by default it does. */
  readonly echoesSubprotocol?: boolean;
  opened?(connection: Connection): void;
  /** Called with each JSON message. */
  heard?(message: Message, connection: Connection): void;
  /** Called with each frame of audio. */
  heardAudio?(bytes: Uint8Array<ArrayBuffer>, connection: Connection): void;
  closed?(code: number): void;
  /** How it behaves on the audio sockets of calls; by default as on others. */
  readonly audio?: Behaviour;
}

/** A server with this behaviour, on its own port. */
export class BrokenPeer implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #connections = new Map<Behaviour, number>();
  readonly #another: boolean;

  /** It identifies itself as Tipring, unless it is `another` server. */
  constructor(behaviour: Behaviour, { another = false } = {}) {
    this.#another = another;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#admit(request, behaviour),
    );
  }

  /** Its address as a WebSocket URL. */
  url(path = "/"): string {
    return `ws://127.0.0.1:${this.#server.addr.port}${path}`;
  }

  #admit(request: Request, application: Behaviour): Response {
    if (request.headers.get("upgrade") !== "websocket") return new Response("no", { status: 404 });
    const protocol = request.headers.get("sec-websocket-protocol");
    const behaviour = protocol?.startsWith("audio.")
      ? application.audio ?? application
      : application;
    const number = this.#connections.get(behaviour) ?? 0;
    this.#connections.set(behaviour, number + 1);
    const { admits = () => true, echoesSubprotocol = true } = behaviour;
    if (!admits(number)) return new Response("not now", { status: 503 });
    const headers = new Headers(request.headers);
    const { socket, response } = Deno.upgradeWebSocket(
      request,
      protocol !== null && echoesSubprotocol ? { protocol } : {},
    );
    if (!this.#another) response.headers.set(POWERED_BY.header, POWERED_BY.value);
    const connection: Connection = {
      number,
      headers,
      say(frame) {
        if (socket.readyState !== WebSocket.OPEN) return;
        const asIs = typeof frame === "string" || frame instanceof Uint8Array;
        socket.send(asIs ? frame : JSON.stringify(frame));
      },
      close: (code) => socket.close(code),
    };
    socket.binaryType = "arraybuffer";
    socket.onopen = () => behaviour.opened?.(connection);
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") behaviour.heard?.(JSON.parse(data), connection);
      else behaviour.heardAudio?.(new Uint8Array(data), connection);
    };
    socket.onclose = ({ code }) => behaviour.closed?.(code);
    return response;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(this.#server.shutdown(), () => "a connection of the broken server stays");
  }
}

const SAMPLES = new Uint8Array(320);
const HANGUP = { event: "hangup" };
const ANSWER = { event: "answer" };
const TONE = { event: "dtmf", digit: "1", duration: 100 };

/** Sends these at incoming_call, and closes with 1000 at the CDR. */
export function onIncoming(
  frames: readonly (Message | Uint8Array<ArrayBuffer>)[],
  closeCode = 1000,
): Behaviour {
  return {
    heard({ event }, connection) {
      if (event === "incoming_call") { for (const frame of frames) connection.say(frame); }
      if (event === "cdr") connection.close(closeCode);
    },
  };
}

/** Long enough for any fault; then the call ends. */
const VERBS = [{ verb: "pause", length: 60 }, { verb: "hangup" }];

function ack({ msgid }: Message, data?: readonly Message[]): Message {
  return { type: "ack", msgid, ...(data === undefined ? {} : { data }) };
}

/** Acks every request; at session:new it runs `onNew` instead. */
function application(
  onNew: (message: Message, connection: Connection) => void,
  rest: Behaviour = {},
): Behaviour {
  return {
    ...rest,
    heard(message, connection) {
      if (message["type"] === "session:new") onNew(message, connection);
      if (message["type"] === "session:reconnect") connection.say(ack(message));
      rest.heard?.(message, connection);
    },
  };
}

function greets(message: Message, connection: Connection): void {
  connection.say(ack(message, VERBS));
}

const timestamp = "2026-11-21T08:00:00.000Z";
const START = { type: "event:start", phone: "+15083084809", timestamp };
const WORDS = { type: "transcript", msg: "Hello", role: "other" };
const CALL_END = { type: "event:callEnd", timestamp };

/** Sends these to a new watcher, then closes. */
function tells(frames: readonly Message[], closeCode = 1000): Behaviour {
  return {
    opened(connection) {
      for (const frame of frames) connection.say(frame);
      connection.close(closeCode);
    },
  };
}

/** Acks the requests of a watcher with these, then sends the end of the call. */
function acks(ids: (id: unknown) => readonly unknown[]): Behaviour {
  return {
    opened: (connection) => connection.say(START),
    heard({ id }, connection) {
      for (const ackId of ids(id)) connection.say({ type: "ack", ackId });
      connection.say(CALL_END);
      connection.close(1000);
    },
  };
}

/** Answers a party's ping, then sends these. */
function pongs(behind: readonly (Message | string | Uint8Array<ArrayBuffer>)[]): Behaviour {
  return {
    heard({ type, timestamp }, connection) {
      if (type !== "ping") return;
      connection.say({ type: "pong", timestamp });
      for (const frame of behind) connection.say(frame);
    },
  };
}

function update(event_id: number): Message {
  const told = { type: "contract_update", contract_id: "A", status: "active" };
  return { ...told, timestamp: "1795248000", event_id };
}

/** A server for each rule, which breaks it. */
export const BROKEN: Readonly<Record<RuleName, Behaviour>> = {
  "connects": { admits: () => false },
  "known-messages": pongs(["{", { type: "news" }, { type: "pong_update" }, "[]"]),
  "text-only": pongs([SAMPLES]),

  "inbound.answer": onIncoming([]),
  "inbound.answer-first": onIncoming([SAMPLES, TONE, ANSWER]),
  "inbound.answer-once": onIncoming([ANSWER, ANSWER]),
  "inbound.hangup-last": onIncoming([ANSWER, HANGUP, TONE]),
  "inbound.silent-last": onIncoming([ANSWER, HANGUP, SAMPLES]),
  "inbound.whole-samples": onIncoming([ANSWER, SAMPLES.slice(0, 3)]),
  "inbound.open-until-cdr": {
    heard({ event }, connection) {
      if (event === "incoming_call") connection.say(ANSWER);
      if (event === "hangup" || event === "incoming_call") connection.close(1000);
    },
  },
  "inbound.close-1000": onIncoming([ANSWER, HANGUP], 1011),

  "jambonz.subprotocol": application(greets, { echoesSubprotocol: false }),
  "jambonz.frame-size": application((message, connection) => {
    greets(message, connection);
    const data = [{ verb: "play", url: `https://e.org/${"a".repeat(25_000)}` }];
    connection.say({ type: "command", command: "redirect", queueCommand: false, data });
  }),
  "jambonz.commands": application((message, connection) => {
    connection.say({ type: "tts:tokens", data: { id: 1, tokens: "Hello" } });
    greets(message, connection);
  }),
  "jambonz.after-ack": application((message, connection) => {
    connection.say({ type: "command", command: "mute:status", data: { mute_status: "mute" } });
    greets(message, connection);
  }),
  "jambonz.ack-in-time": application(() => {}),
  "jambonz.ack-known": application((message, connection) => {
    connection.say(ack({ msgid: "nobody" }));
    greets(message, connection);
  }),
  "jambonz.ack-once": application((message, connection) => {
    greets(message, connection);
    greets(message, connection);
  }),
  "jambonz.first-verbs": application((message, connection) => connection.say(ack(message))),
  "jambonz.verbs": application((message, connection) =>
    connection.say(ack(message, [{ verb: "say", txt: "Hello" }, { verb: "hangup" }]))
  ),
  "jambonz.redirects": application((message, connection) => {
    greets(message, connection);
    connection.say({ type: "command", command: "redirect", queueCommand: false, data: [] });
  }),
  "jambonz.no-early-1000": application((message, connection) => {
    greets(message, connection);
    connection.close(1000);
  }),
  "jambonz.reconnect": application((message, connection) => {
    connection.say(ack(message, [{ verb: "pause", length: 60 }]));
    connection.close(4001);
  }, { admits: (number) => number === 0 }),
  "jambonz.no-second-greeting": {
    heard(message, connection) {
      if (message["type"] === "session:new" || message["type"] === "session:reconnect") {
        greets(message, connection);
        if (connection.number === 0) connection.close(4001);
      }
    },
  },
  "jambonz.tts-waits": application((message, connection) => {
    connection.say(ack(message, [{ verb: "config", ttsStream: { enable: true } }, ...VERBS]));
  }, {
    heard({ type, data }, connection) {
      const { event_type, status, id } = data as Message;
      const tokens = (id: unknown) =>
        connection.say({
          type: "command",
          command: "tts:tokens",
          data: { id, tokens: "words ".repeat(180) },
        });
      if (event_type === "stream_open") { for (const id of [1, 2]) tokens(id); }
      if (type === "tts:tokens-result" && status === "failed") tokens(id);
    },
  }),

  ...BROKEN_AUDIO,

  "watch.start-first": tells([WORDS, START, CALL_END]),
  "watch.answers": { opened: (connection) => connection.say(START) },
  "watch.ack-known": acks((id) => ["another", id]),
  "watch.ack-once": acks((id) => [id, id]),
  "watch.call-end-last": tells([START, CALL_END, WORDS]),
  "watch.close-1000": tells([START, CALL_END], 1001),
  "watch.in-order": tells([
    { ...START, seq: 1 },
    { ...WORDS, seq: 3 },
    { ...WORDS, seq: 2 },
    { ...CALL_END, seq: 4 },
  ]),

  "party.pong": {
    heard: ({ type }, connection) =>
      type === "ping" && connection.say({ type: "pong", timestamp: 0 }),
  },
  "party.status": {
    heard({ type, timestamp }, connection) {
      if (type === "ping") connection.say({ type: "pong", timestamp });
      else connection.say({ type: "contract_status_response", contract_id: "B", status: "active" });
    },
  },
  "party.in-order": pongs([update(5), update(4)]),
  "party.stays-open": {
    heard({ timestamp }, connection) {
      connection.say({ type: "pong", timestamp });
      connection.close(1000);
    },
  },
};
