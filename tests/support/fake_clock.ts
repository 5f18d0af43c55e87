/**
 * The clock, the timers and the message channels of this process, controlled by the test.
 * @module
 */

interface Alarm {
  readonly run: () => void;
  readonly everyMs: number | undefined;
  dueMs: number;
}

/** Replaces `performance.now()` and the timers until its disposal. */
export class FakeClock implements Disposable {
  readonly #real = { setTimeout, clearTimeout, setInterval, clearInterval, MessageChannel };
  readonly #alarms = new Map<number, Alarm>();
  #nowMs = 1000;
  #lastId = 0;

  constructor() {
    const clear = (id?: number) => void this.#alarms.delete(id ?? 0);
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms = 0) => this.#set(run, ms, undefined),
      setInterval: (run: () => void, ms = 0) => this.#set(run, ms, ms),
      clearTimeout: clear,
      clearInterval: clear,
      MessageChannel: channels((run) => this.#set(run, 0, undefined)),
    });
    Object.defineProperty(performance, "now", { value: () => this.#nowMs, configurable: true });
  }

  /** The number of running timers and intervals. */
  get running(): number {
    return this.#alarms.size;
  }

  /** Lets time pass and runs due timers in order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      const [id, alarm] = next;
      // After a stall a timer runs late, and an interval only once.
      this.#nowMs = Math.max(this.#nowMs, alarm.dueMs);
      if (alarm.everyMs === undefined) this.#alarms.delete(id);
      else alarm.dueMs = this.#nowMs + alarm.everyMs;
      alarm.run();
    }
    this.#nowMs = untilMs;
  }

  /** Lets time pass while the event loop is blocked: no timer runs. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
    Reflect.deleteProperty(performance, "now");
  }

  #set(run: () => void, ms: number, everyMs: number | undefined): number {
    const id = ++this.#lastId;
    this.#alarms.set(id, { run, everyMs, dueMs: this.#nowMs + ms });
    return id;
  }

  #next(untilMs: number): [number, Alarm] | undefined {
    const due = [...this.#alarms].filter(([, { dueMs }]) => dueMs <= untilMs);
    return due.sort(([, a], [, b]) => a.dueMs - b.dueMs)[0];
  }
}

/** Channels whose messages arrive in a separate turn of the event loop. */
function channels(soon: (run: () => void) => void) {
  return class {
    readonly port2 = { onmessage: undefined as ((event: unknown) => void) | undefined, close() {} };
    readonly port1 = {
      postMessage: (data: unknown) => soon(() => this.port2.onmessage?.({ data })),
      close() {},
    };
  };
}
