/**
 * Requests to calls in progress: each is recorded, answered, and passed on to the call's line.
 * @module
 */
import type { NewRecordEvent } from "./call_record.ts";
import type { Ask } from "./line.ts";
import { askKey, type LiveCall, type Outcome } from "./live_call.ts";

/** Who asks, and by which message. A repeated message acts once. */
export interface AskedBy {
  readonly actor: string;
  readonly messageId: string;
}

/** What `Asks` needs from the calls. */
export interface AsksPorts {
  /** A call that is not over. */
  live(callId: string): LiveCall | undefined;
  /** Resolves when the event is on disk. */
  record(callId: string, event: NewRecordEvent): Promise<unknown>;
  readonly failed: (error: unknown) => void;
}

/** Takes the requests of watchers, REST and apps. */
export class Asks {
  readonly #ports: AsksPorts;

  constructor(ports: AsksPorts) {
    this.#ports = ports;
  }

  /**
   * Makes a request of a call, once for each actor and message. It is recorded, then `answered` is
   * called, then the line acts: an acknowledgement precedes its consequences.
   */
  make(callId: string, ask: Ask, request: AskedBy, answered: (outcome: Outcome) => void): void {
    const live = this.#ports.live(callId);
    if (live === undefined) return answered(isOver(ask, callId));
    const key = askKey(request.actor, request.messageId);
    const before = live.asked.get(key);
    if (before !== undefined && before.kind !== ask.kind) {
      const why = `Cannot take message ${request.messageId} for "${ask.kind}": ` +
        `it has already asked for "${before.kind}"`;
      return answered({ accepted: false, why });
    }
    const outcome = before?.outcome ?? this.#accept(live, ask, request);
    live.asked.set(key, { kind: ask.kind, outcome });
    outcome.then((result) => {
      answered(result);
      if (before !== undefined) return;
      // A refused message may be repeated: the call may have moved on.
      if (!result.accepted) live.asked.delete(key);
      else this.#tellLine(callId, ask);
    }).catch(this.#ports.failed);
  }

  async #accept(live: LiveCall, ask: Ask, request: AskedBy): Promise<Outcome> {
    const { call } = live;
    if (live.ending || call.state === "ended") return isOver(ask, call.id);
    const refusal = live.refuses(ask);
    if (refusal !== undefined) return { accepted: false, why: refusal };
    const event = askEvent(ask, request);
    try {
      if (event !== undefined) await this.#ports.record(call.id, event);
    } catch (error) {
      this.#ports.failed(error);
      return { accepted: false, why: `Cannot ${ask.kind} call ${call.id}: it cannot be recorded` };
    }
    return { accepted: true };
  }

  /** Passes a request on to the call's line, now or when there is one. */
  #tellLine(callId: string, ask: Ask): void {
    const live = this.#ports.live(callId);
    if (live?.line === undefined) live?.waiting.push(ask);
    else live.line.ask(ask);
  }
}

function askEvent(ask: Ask, { actor, messageId }: AskedBy): NewRecordEvent | undefined {
  switch (ask.kind) {
    case "end": {
      const by = ask.by === undefined ? {} : { by: ask.by };
      return { type: "end_requested", actor, data: { messageId, ...by } };
    }
    case "join":
      return { type: "join_requested", actor, data: { messageId, number: ask.number } };
    case "interrupt":
      return { type: "interrupted", actor, data: {} };
    case "digits":
      return undefined;
  }
}

function isOver(ask: Ask, callId: string): Outcome {
  return { accepted: false, why: `Cannot ${ask.kind} call ${callId}: it is over` };
}
