/**
 * One watcher of one call: told what has happened and what happens, and may join or end it.
 * @module
 */
import type { CallRecord, RecordEvent } from "../../calls/call_record.ts";
import type { Outcome } from "../../calls/live_call.ts";
import { Machine } from "../../session/machine.ts";
import { close, type Command, type Event, send } from "../../session/protocol.ts";
import type { Heard, Said } from "../../session/wire.ts";
import { type LiveCallsWire, WITHHELD } from "./messages.ts";

/** Whether the call that is watched is still on. */
export type WatchState = "watching" | "over";

/** The moves of a watch. */
export const WATCH_MOVES = { watching: ["over"], over: [] } as const satisfies {
  [From in WatchState]: readonly WatchState[];
};

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
  /** A bad message came: counted and logged. */
  ignored(why: string, fields?: readonly string[]): void;
}

type Out = Command<Said<LiveCallsWire>>;

/** The protocol of the live calls door. */
export async function* liveCalls(
  events: AsyncIterable<Event<Heard<LiveCallsWire>, LiveCallsNotice>>,
  ports: LiveCallsPorts,
): AsyncGenerator<Out, void, void> {
  const machine = new Machine<WatchState>(WATCH_MOVES, "watching");
  const { numbered } = ports;
  for (const event of ports.past) yield* tell(event, ports.call, machine, numbered);
  for await (const event of events) {
    // What was on its way when the call ended is answered no more.
    if (machine.state === "over") return;
    if (event.kind === "message") {
      ports.ask(event.message.type === "client:joinCall" ? "join" : "end", event.message.id);
    } else if (event.kind === "malformed") {
      ports.ignored(event.why, event.fields);
      yield send({ type: "error", description: complaint(event.why, event.detail) });
    } else if (event.kind === "notice") {
      const { notice } = event;
      if (notice.kind === "recorded") yield* tell(notice.event, notice.call, machine, numbered);
      else yield outcome(notice.messageId, notice.outcome);
    }
  }
}

/** What a watcher hears of one event of the record: most of it is not for watchers. */
function* tell(
  event: RecordEvent,
  call: CallRecord,
  machine: Machine<WatchState>,
  numbered: boolean,
): Generator<Out, void, void> {
  // A record may go on after its end, with the CDR or a late transcript.
  if (machine.state === "over") return;
  const timestamp = event.at.toISOString();
  const number = numbered ? { seq: event.seq } : {};
  switch (event.type) {
    case "started":
      return yield send({
        type: "event:start",
        phone: call.fromE164 ?? call.from ?? WITHHELD,
        timestamp,
        ...number,
      });
    case "transcript":
      return yield send({ type: "transcript", ...event.data, ...number });
    case "screening_ended":
      return yield send({ type: "event:end", msg: event.data.msg, ...number });
    case "ended":
      yield send({ type: "event:callEnd", timestamp, ...number });
      yield machine.move("over");
      return yield close(1000, "the call is over");
    default:
      return;
  }
}

function outcome(messageId: string, outcome: Outcome): Out {
  if (outcome.accepted) return send({ type: "ack", ackId: messageId });
  return send({ type: "error", description: outcome.why });
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
