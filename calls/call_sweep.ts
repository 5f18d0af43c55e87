/**
 * Finds calls that nobody would end: without a socket and without a deadline, or longer than a call may
 * last.
 * @module
 */
import type { CallRecord } from "./call_record.ts";
import type { Calls } from "./calls.ts";
import { writeCdr } from "./reconnects.ts";
import { CallWriter } from "./writer.ts";

/** Why a sweep ends a call. */
export type SweptFor = "call without a holder" | "call too long";

/** What a sweep needs from the world. */
export interface CallSweepPorts {
  readonly calls: Calls;
  readonly now: () => Date;
  /** How long a call may last; `Infinity` for ever. */
  readonly longestMs: number;
  /** Hears of each call that a sweep ends. */
  readonly ending: (why: SweptFor, callId: string) => void;
  readonly failed: (error: unknown) => void;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
}

/** Looks through the calls that are not complete, again and again. */
export class CallSweep {
  readonly #ports: CallSweepPorts;
  #unheld: ReadonlySet<string> = new Set();
  #long: ReadonlySet<string> = new Set();

  constructor(ports: CallSweepPorts) {
    this.#ports = ports;
  }

  /**
   * Ends the calls that nobody holds, if nobody held them at the last sweep either: a call may just pass
   * from one socket to the next. Asks those that last too long to end.
   */
  run(): void {
    const { calls, longestMs, now } = this.#ports;
    const { unheld } = calls;
    for (const call of unheld) if (this.#unheld.has(call.id)) this.#endUnheld(call);
    this.#unheld = new Set(unheld.map(({ id }) => id));
    const latest = now().getTime() - longestMs;
    const long = calls.live.filter(({ state, startedAt }) =>
      state !== "ended" && startedAt.getTime() < latest
    );
    for (const call of long) if (!this.#long.has(call.id)) this.#endLong(call);
    this.#long = new Set(long.map(({ id }) => id));
  }

  #endUnheld(call: CallRecord): void {
    const { calls, ending, failed, now, stopping } = this.#ports;
    // What is left of it is its recording, which ends by itself.
    if (call.state === "ended" && call.cdr !== null) return;
    ending("call without a holder", call.id);
    const writer = new CallWriter(calls, failed, stopping);
    writer.resume(call);
    const reason = "it had neither a socket nor a deadline";
    writer.write(({ state }) =>
      state === "ended" ? undefined : { type: "ended", actor: "us", data: { by: "lost", reason } }
    );
    writeCdr(writer, now);
    // While the disk takes nothing, the end waits: it is not written again by the next sweep.
    const held = calls.hold(call.id);
    writer.settled.then(() => held[Symbol.dispose]());
  }

  #endLong({ id }: CallRecord): void {
    const { calls, ending } = this.#ports;
    ending("call too long", id);
    const asker = { actor: "us", messageId: "LIMIT_CALL_MS" };
    calls.asks.make(id, { kind: "end", by: "us" }, asker, () => {});
  }
}
