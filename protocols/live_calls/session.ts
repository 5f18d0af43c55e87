/**
 * One watcher of one call: receives the call's past and new events, and may join or end it.
 * @module
 */
import type { CallRecord, RecordEvent } from "../../calls/call_record.ts";
import { type Handlers, machine } from "../../session/machine.ts";
import { close, type Command, send, unexpected } from "../../session/protocol.ts";
import type { Malformed, Said } from "../../session/wire.ts";
import { type LiveCallsWire, liveCallsWire, WITHHELD } from "./messages.ts";
import type { LiveCallsNotice, LiveCallsPorts } from "./ports.ts";
import {
  LIVE_CALLS,
  type LiveCallsEvents as Events,
  type LiveCallsState as State,
} from "./table.ts";

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

  /** Sends a watcher's part of an event: most of the record is not for watchers. */
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
        "the types are client:joinCall and client:endCall";
    case "bad shape":
      return `Cannot understand the message: ${detail}`;
    case "binary refused":
      return "Cannot take binary frames: messages are JSON text";
    default:
      return "Cannot understand the message: it is not JSON";
  }
}
