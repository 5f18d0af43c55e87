/**
 * One watcher of one call: told what has happened and what happens, and may join or end it.
 * @module
 */
import type { CallRecord, RecordEvent } from "../../calls/call_record.ts";
import type { Outcome } from "../../calls/live_call.ts";
import { type Handlers, machine, type Table } from "../../session/machine.ts";
import { close, type Command, send, unexpected } from "../../session/protocol.ts";
import type { Heard, Malformed, Said } from "../../session/wire.ts";
import { type LiveCallsWire, liveCallsWire, WITHHELD } from "./messages.ts";

/** What the protocol is told from inside the server. */
export type LiveCallsNotice =
  | { readonly kind: "recorded"; readonly event: RecordEvent; readonly call: CallRecord }
  | { readonly kind: "outcome"; readonly messageId: string; readonly outcome: Outcome };

/** What a watcher's session needs from the world. Nothing here waits. */
export interface LiveCallsPorts {
  /** The record so far; every later event comes as a notice, and none twice. */
  readonly past: readonly RecordEvent[];
  readonly call: CallRecord;
  /** Whether each message says the number of its event: the watcher goes on from one. */
  readonly numbered: boolean;
  /** Asks for the call; the notice `outcome` follows. */
  ask(what: "join" | "end", messageId: string): void;
}

type State = "watching" | "over";
type MessageOf<Type> = Extract<Heard<LiveCallsWire>, { type: Type }>;
type NoticeOf<Kind> = Extract<LiveCallsNotice, { kind: Kind }>;

interface Events {
  opened: unknown;
  "client:joinCall": MessageOf<"client:joinCall">;
  "client:endCall": MessageOf<"client:endCall">;
  recorded: NoticeOf<"recorded">;
  outcome: NoticeOf<"outcome">;
  malformed: Malformed;
  closed: unknown;
}

/** The table of a watch. It is over when its call is: what was on its way then is not answered. */
export const LIVE_CALLS = {
  watching: {
    opened: ["watching", "over"],
    "client:joinCall": "watching",
    "client:endCall": "watching",
    recorded: ["watching", "over"],
    outcome: "watching",
    malformed: "watching",
    closed: "over",
  },
  over: {},
} as const satisfies Table<State, keyof Events>;

/** The protocol of the live calls door. */
export const liveCalls = machine<LiveCallsWire, LiveCallsPorts, LiveCallsNotice, State, Events>({
  wire: liveCallsWire,
  table: LIVE_CALLS,
  start: (ports) => new Watch(ports),
});

type Steps<Next = void> = Generator<Command<Said<LiveCallsWire>>, Next, void>;

class Watch implements Handlers<State, Events, Said<LiveCallsWire>> {
  readonly #ports: LiveCallsPorts;

  constructor(ports: LiveCallsPorts) {
    this.#ports = ports;
  }

  *opened(): Steps<State> {
    for (const event of this.#ports.past) {
      if ((yield* this.#tell(event, this.#ports.call)) === "over") return "over";
    }
    return "watching";
  }

  recorded({ event, call }: Events["recorded"]): Steps<State> {
    return this.#tell(event, call);
  }

  "client:joinCall"({ id }: Events["client:joinCall"]): void {
    this.#ports.ask("join", id);
  }

  "client:endCall"({ id }: Events["client:endCall"]): void {
    this.#ports.ask("end", id);
  }

  outcome({ messageId, outcome }: Events["outcome"]) {
    if (outcome.accepted) return send({ type: "ack" as const, ackId: messageId });
    return send({ type: "error" as const, description: outcome.why });
  }

  *malformed({ why, detail, fields }: Malformed, from: State): Steps {
    yield unexpected(why, from, fields);
    yield send({ type: "error", description: complaint(why, detail) });
  }

  /** What a watcher hears of one event of the record: most of it is not for watchers. */
  *#tell(event: RecordEvent, call: CallRecord): Steps<State> {
    const timestamp = event.at.toISOString();
    const number = this.#ports.numbered ? { seq: event.seq } : {};
    switch (event.type) {
      case "started": {
        const phone = call.fromE164 ?? call.from ?? WITHHELD;
        yield send({ type: "event:start", phone, timestamp, ...number });
        break;
      }
      case "transcript":
        yield send({ type: "transcript", ...event.data, ...number });
        break;
      case "screening_ended":
        yield send({ type: "event:end", msg: event.data.msg, ...number });
        break;
      case "ended":
        yield send({ type: "event:callEnd", timestamp, ...number });
        yield close(1000, "the call is over");
        return "over";
    }
    return "watching";
  }
}

function complaint(why: string, detail: string): string {
  switch (why) {
    case "unknown type":
      return `Cannot understand a message of the type "${detail}"; ` +
        "there are client:joinCall and client:endCall";
    case "bad shape":
      return `Cannot understand the message: ${detail}`;
    case "binary refused":
      return "Cannot take binary frames: messages are JSON text";
    default:
      return "Cannot understand the message: it is not JSON";
  }
}
