/**
 * jambonz calls that lost their socket: jambonz reconnects, or they are given up.
 * @module
 */
import type { CallRecord } from "./call_record.ts";
import { madeUpCdr } from "./cdr.ts";
import type { CallWriter } from "./writer.ts";
import type { Calls } from "./calls.ts";

/** What `Reconnects` needs from the world. */
export interface ReconnectsPorts {
  readonly calls: Pick<Calls, "call" | "hasLine" | "hold">;
  /** How long jambonz may take to reconnect; `Infinity` for no limit. */
  readonly waitMs: number;
  readonly now: () => Date;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
}

/** The calls that lost their socket, until jambonz reconnects or they are given up. */
export class Reconnects {
  readonly #ports: ReconnectsPorts;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #held = new Map<string, Disposable>();

  constructor(ports: ReconnectsPorts) {
    this.#ports = ports;
    ports.stopping.addEventListener("abort", () => {
      for (const timer of this.#timers.values()) clearTimeout(timer);
      this.#timers.clear();
    });
  }

  /** Waits for a call's reconnect, and ends the call as lost if there is none in time. */
  expect(call: CallRecord, writer: CallWriter): void {
    const { stopping, waitMs } = this.#ports;
    this.back(call);
    this.#held.set(call.id, this.#ports.calls.hold(call.id));
    if (stopping.aborted || !Number.isFinite(waitMs)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(call.id);
      // It may have reconnected, and even ended.
      const { calls } = this.#ports;
      const state = calls.call(call.id)?.state ?? "ended";
      if (state === "ended" || calls.hasLine(call.id)) return this.back(call);
      const reason = `did not come back within ${waitMs} ms`;
      writer.write(() => ({ type: "ended", actor: "line", data: { by: "lost", reason } }));
      writeCdr(writer, this.#ports.now);
      this.back(call);
    }, waitMs);
    this.#timers.set(call.id, timer);
  }

  /** Stops waiting: the call is back. */
  back(call: CallRecord): void {
    clearTimeout(this.#timers.get(call.id));
    this.#timers.delete(call.id);
    this.#held.get(call.id)?.[Symbol.dispose]();
    this.#held.delete(call.id);
  }
}

/** Writes our own CDR for an ended call without one: jambonz sends none over its socket. */
export function writeCdr(writer: CallWriter, now: () => Date): void {
  writer.write((call) =>
    call.state === "ended" && call.cdr === null
      ? { type: "cdr", actor: "us", data: { cdr: madeUpCdr(call, now()) } }
      : undefined
  );
}
