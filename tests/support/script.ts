/**
 * Plays a protocol as a script: one event at a time, on a clock that only the test moves.
 * @module
 */
import { assert, assertEquals, fail } from "@std/assert";
import { encode } from "../../session/encode.ts";
import type { Command, Event, Protocol } from "../../session/protocol.ts";
import { decode, type Heard, type Said, type Wire } from "../../session/wire.ts";

/** One conversation, controlled by the test. */
export class Script<W extends Wire, Context, Notice = never> {
  /** Every command so far, without moves and unexpected events. */
  readonly commands: Command<Said<W>>[] = [];
  /** Every move so far. */
  readonly moves: Extract<Command<Said<W>>, { kind: "move" }>[] = [];
  readonly #wire: W;
  readonly #stage = new Stage<Event<Heard<W>, Notice>>();
  readonly #timers = new Map<string, number>();
  readonly #played: Promise<void>;
  /** Notices that the ports owe; they follow the event. */
  readonly #promised: Notice[];
  /** The calls of the ports and the unexpected events, in order. */
  readonly #told: unknown[][];
  #nowMs = 0;
  #closing: { code: number; reason: string } | undefined;
  #over = false;

  constructor(
    wire: W,
    protocol: Protocol<W, Context, Notice>,
    context: Context & { readonly promised?: Notice[]; readonly told?: unknown[][] },
  ) {
    this.#wire = wire;
    this.#promised = context.promised ?? [];
    this.#told = context.told ?? [];
    this.#played = this.#play(protocol(this.#stage, context));
    // The test that waits for it gets the error.
    this.#played.catch(() => {});
  }

  /** Whether the protocol has ended. */
  get over(): boolean {
    return this.#over;
  }

  /** The names of the running timers, in the order of their times. */
  get timers(): string[] {
    return [...this.#timers].sort(([, a], [, b]) => a - b).map(([name]) => name);
  }

  /** Every message sent so far. */
  get said(): Said<W>[] {
    return saidIn(this.commands);
  }

  /** The commands before the first event. */
  async begin(): Promise<Command<Said<W>>[]> {
    await this.#settle();
    return [...this.commands];
  }

  /**
   * Delivers these events without a pause, and returns the commands up to the protocol's next
   * request for an event. `closed` and the end follow a `close`, as in the engine.
   */
  async tell(...events: Event<Heard<W>, Notice>[]): Promise<Command<Said<W>>[]> {
    await this.#settle();
    const before = this.commands.length;
    for (const event of events) {
      if (this.#over) {
        assert(this.#closing !== undefined, `told "${event.kind}" after the end`);
        break;
      }
      this.#stage.give(event);
      await this.#settle();
      if (event.kind === "closed") await this.#finish();
      await this.#keepPromises();
    }
    if (this.#closing !== undefined && !this.#over) {
      this.#stage.give({ kind: "closed", ...this.#closing });
      await this.#settle();
      await this.#finish();
    }
    return this.commands.slice(before);
  }

  /** Delivers a message of the peer. */
  hear(json: unknown): Promise<Command<Said<W>>[]> {
    return this.tell(heard(this.#wire, json));
  }

  /** Delivers a text frame. */
  hearText(text: string): Promise<Command<Said<W>>[]> {
    return this.tell(decode(this.#wire, text));
  }

  /** Delivers a notice. */
  notify(notice: Notice): Promise<Command<Said<W>>[]> {
    return this.tell({ kind: "notice", notice });
  }

  /** Delivers an audio frame. */
  play(bytes: Uint8Array<ArrayBuffer>): Promise<Command<Said<W>>[]> {
    return this.tell({ kind: "audio", bytes });
  }

  /** Closes the socket. */
  close(code: number, reason = ""): Promise<Command<Said<W>>[]> {
    return this.tell({ kind: "closed", code, reason });
  }

  /** Lets time pass; due timers become events, in order. */
  async advance(ms: number): Promise<Command<Said<W>>[]> {
    await this.#settle();
    const before = this.commands.length;
    const untilMs = this.#nowMs + ms;
    for (let name = this.timers[0]; name !== undefined; name = this.timers[0]) {
      const dueMs = this.#timers.get(name)!;
      if (dueMs > untilMs) break;
      this.#timers.delete(name);
      this.#nowMs = dueMs;
      await this.tell({ kind: "timeout", timer: name });
    }
    this.#nowMs = untilMs;
    return this.commands.slice(before);
  }

  async #keepPromises(): Promise<void> {
    for (const notice of this.#promised.splice(0)) {
      if (this.#over || this.#closing !== undefined) return;
      this.#stage.give({ kind: "notice", notice });
      await this.#settle();
    }
  }

  async #play(commands: AsyncGenerator<Command<Said<W>>, void, void>): Promise<void> {
    try {
      for await (const command of commands) this.#perform(command);
    } finally {
      this.#over = true;
      this.#timers.clear();
    }
  }

  #perform(command: Command<Said<W>>): void {
    if (command.kind === "unexpected") {
      const { what, state, fields } = command;
      return void this.#told.push([
        "unexpected",
        what,
        state,
        ...(fields === undefined ? [] : [fields]),
      ]);
    }
    if (command.kind === "move") return void this.moves.push(command);
    this.commands.push(command);
    switch (command.kind) {
      case "send":
        if (this.#closing !== undefined) fail("said something after its close");
        return checkSaid(this.#wire, command.message);
      case "timer":
        if (command.afterMs === Infinity) this.#timers.delete(command.timer);
        else {
          // A second timer of the same name replaces the first, and comes after all of its time.
          this.#timers.delete(command.timer);
          this.#timers.set(command.timer, this.#nowMs + command.afterMs);
        }
        return;
      case "close":
        this.#closing ??= { code: command.code, reason: command.reason };
        this.#timers.clear();
    }
  }

  /** Resolves when the protocol waits for its next event or has ended; rejects with its error. */
  #settle(): Promise<void> {
    return Promise.race([this.#stage.asked, this.#played]);
  }

  async #finish(): Promise<void> {
    this.#timers.clear();
    if (!this.#over) this.#stage.end();
    await this.#played;
  }
}

/** The events of a script, one for each request. */
class Stage<Item> implements AsyncIterable<Item>, AsyncIterator<Item, undefined> {
  #asking = Promise.withResolvers<void>();
  #waiting: ((result: IteratorResult<Item, undefined>) => void) | undefined;

  /** Resolves when the protocol waits for an event. */
  get asked(): Promise<void> {
    return this.#asking.promise;
  }

  give(value: Item): void {
    this.#take()({ done: false, value });
  }

  end(): void {
    this.#take()({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#asking.resolve();
    });
  }

  return(): Promise<IteratorResult<Item, undefined>> {
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): (result: IteratorResult<Item, undefined>) => void {
    const waiting = this.#waiting ?? fail("nobody waits for an event");
    this.#waiting = undefined;
    this.#asking = Promise.withResolvers();
    return waiting;
  }
}

/** The event of a message of the wire. */
export function heard<W extends Wire>(wire: W, json: unknown): Event<Heard<W>> {
  const event = decode(wire, JSON.stringify(json));
  if (event.kind === "malformed") fail(`Cannot hear ${JSON.stringify(json)}: ${event.detail}`);
  return event;
}

/** Fails for a message that the wire's schema rejects, or that has unknown members. */
export function checkSaid<W extends Wire>(wire: W, message: Said<W>): void {
  const json: unknown = JSON.parse(encode(message));
  const parsed = wire.said.safeParse(json);
  if (!parsed.success) fail(`Cannot say ${JSON.stringify(json)}: ${parsed.error.message}`);
  assertEquals(parsed.data, json, "said more than its schema knows");
}

/** The messages in these commands. */
export function saidIn<Message>(commands: readonly Command<Message>[]): Message[] {
  return commands.flatMap((command) => command.kind === "send" ? [command.message] : []);
}
