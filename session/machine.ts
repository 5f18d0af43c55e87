/**
 * The engine of every protocol. A table gives the next state of each event in each state; handlers
 * act on the event. An event that a state's row does not have is unexpected: the engine reports
 * it, and the session continues.
 * @module
 */
import {
  type AudioBytes,
  type AudioEvent,
  type Command,
  type Conversing,
  type Event,
  type Protocol,
  type Unexpected,
  unexpected,
} from "./protocol.ts";
import type { Heard, Malformed, Said, Wire } from "./wire.ts";

/** An event that may arrive in a state without effect: a late timer, a frame in flight. */
export const IGNORED = { cell: "ignored" } as const;

/** An event that waits for the next state, which handles it. */
export const DEFERRED = { cell: "deferred" } as const;

/** Where an event leads: to one state, to the one of several that its handler names, or nowhere. */
export type Cell<State extends string> =
  | State
  | readonly State[]
  | typeof IGNORED
  | typeof DEFERRED;

/**
 * State × event → next state. A session starts in the first state and ends in one without
 * events.
 *
 * Events have the names of the protocol's document, such as `session:new`, and ours: `recorded` for
 * a notice of that kind; `timeout:answer` for the timer `answer`, or for the timer `answer 7`,
 * whose handler gets the `7`; `audio`, `malformed`, `closed`, and `opened`, which comes first.
 */
export type Table<State extends string, Name extends string> = {
  readonly [From in State]: { readonly [On in Name]?: Cell<State> };
};

/** A part of a row: these events change nothing. */
export function ignoring<Name extends string>(
  ...names: Name[]
): { readonly [On in Name]: typeof IGNORED } {
  return rowOf(names, IGNORED);
}

/** A part of a row: these events are handled, and stay in the state. */
export function staying<State extends string, Name extends string>(
  state: State,
  ...names: Name[]
): { readonly [On in Name]: State } {
  return rowOf(names, state);
}

function rowOf<Name extends string, To>(names: Name[], to: To): { readonly [On in Name]: To } {
  return Object.fromEntries(names.map((name) => [name, to])) as { [On in Name]: To };
}

/** The events of a protocol and their inputs: from its messages, its notices and its timers. */
export type EventsOf<W extends Wire, Notice, Timer extends string> =
  & { readonly [M in Heard<W> as TagOf<M>]: M }
  & { readonly [N in Notice as N extends { kind: infer Kind extends string } ? Kind : never]: N }
  & { readonly [T in Timer as `timeout:${T}`]: string }
  & {
    readonly opened: undefined;
    readonly audio: AudioBytes;
    readonly malformed: Malformed;
    readonly closed: { readonly code: number };
  };

type TagOf<Message> = Message extends { event: infer Tag extends string } ? Tag
  : Message extends { type: infer Tag extends string } ? Tag
  : never;

/** A handler's result: commands, and the next state if the table leaves a choice. */
export type Handled<State extends string, Message> =
  | Iterable<Command<Message>, State | void>
  | Command<Message>
  | State
  | void;

/** Handles each event. `from` is the state before the move, which follows. */
export type Handlers<State extends string, Events, Message> = {
  readonly [Name in keyof Events]?: (input: Events[Name], from: State) => Handled<State, Message>;
};

/** A protocol with its table, for documents and tests. */
export type TableProtocol<W extends Wire, Ports, Notice> = Protocol<W, Ports, Notice> & {
  readonly table: Table<string, string>;
};

/**
 * Builds a protocol from a table. `start` creates the handlers of one session.
 */
export function machine<W extends Wire, Ports, Notice, State extends string, Events>(
  { wire, table, start, nameOf = (message) => String(message[wire.tag]) }: {
    readonly wire: W;
    readonly table: Table<State, keyof Events & string>;
    readonly start: (ports: Ports) => Handlers<State, Events, Said<W>>;
    /** The name of a message, if its tag is not enough. */
    readonly nameOf?: (message: Readonly<Record<string, unknown>>) => string;
  },
): TableProtocol<W, Ports, Notice> {
  function protocol(
    events: AsyncIterable<Event<Heard<W>, Notice>>,
    ports: Ports,
  ): Conversing<Said<W>> {
    const machine = new Machine<Said<W>>(table, start(ports) as AnyHandlers<Said<W>>, nameOf);
    const commands = converse(events as AsyncIterable<Event<unknown, unknown>>, machine);
    return wire.audio === undefined
      ? commands
      : Object.assign(commands, { takeAudio: (event: AudioEvent) => machine.takeAudio(event) });
  }
  return Object.assign(protocol, { table: table as Table<string, string> });
}

async function* converse<Message>(
  events: AsyncIterable<Event<unknown, unknown>>,
  machine: Machine<Message>,
): AsyncGenerator<Command<Message>, void, void> {
  for (const command of machine.open()) yield command;
  if (machine.isOver) return;
  for await (const event of events) {
    if (event.kind === "audio") {
      const command = machine.takeAudio(event);
      if (command !== undefined) yield command;
      continue;
    }
    for (const command of machine.hear(event)) yield command;
    if (machine.isOver) return;
  }
}

type AnyTable = Table<string, string>;
type AnyHandlers<Message> = Readonly<
  Record<string, ((input: unknown, from: string) => Handled<string, Message>) | undefined>
>;

/** One session: its state, and the events deferred to the next one. */
class Machine<Message> {
  readonly #table: AnyTable;
  readonly #handlers: AnyHandlers<Message>;
  readonly #nameOf: (message: Readonly<Record<string, unknown>>) => string;
  #state: string;
  #deferred: [name: string, input: unknown][] | undefined;

  constructor(
    table: AnyTable,
    handlers: AnyHandlers<Message>,
    nameOf: (message: Readonly<Record<string, unknown>>) => string,
  ) {
    this.#table = table;
    this.#handlers = handlers;
    this.#nameOf = nameOf;
    this.#state = Object.keys(table)[0]!;
  }

  /** Whether the conversation has ended. */
  get isOver(): boolean {
    for (const _ in this.#table[this.#state]) return false;
    return true;
  }

  *open(): Generator<Command<Message>, void, void> {
    if ("opened" in this.#table[this.#state]!) yield* this.#take("opened", undefined);
  }

  /** Audio changes no state: its handler returns at most one command. */
  takeAudio(event: AudioEvent): Command<Message> | undefined {
    return event.kind === "audio"
      ? this.#takeHere("audio", event.bytes)
      : this.#takeHere((event.notice as { kind: string }).kind, event.notice);
  }

  #takeHere(name: string, input: unknown): Command<Message> | undefined {
    const cell = this.#table[this.#state]![name];
    if (cell === undefined) return this.#unexpected(name);
    if (cell === IGNORED) return undefined;
    if (cell !== this.#state) throw new Error(`Cannot move from "${this.#state}" on "${name}"`);
    return this.#handlers[name]!(input, this.#state) as Command<Message> | undefined;
  }

  *hear(event: Exclude<Event<unknown, unknown>, { kind: "audio" }>): Generator<
    Command<Message>,
    void,
    void
  > {
    switch (event.kind) {
      case "message": {
        const message = event.message as Readonly<Record<string, unknown>>;
        const name = this.#nameOf(message);
        if (event.mended !== undefined) yield this.#unexpected(`wrong ${name}`, event.mended);
        return yield* this.#take(name, message);
      }
      case "notice":
        return yield* this.#take((event.notice as { kind: string }).kind, event.notice);
      case "timeout": {
        const [timer, ...about] = event.timer.split(" ");
        return yield* this.#take(`timeout:${timer}`, about.join(" "));
      }
      case "malformed":
        if ("malformed" in this.#table[this.#state]!) return yield* this.#take("malformed", event);
        return yield this.#unexpected(event.why, event.fields);
      case "closed":
        // A state without `closed` does not care, and it is too late to report anything.
        if ("closed" in this.#table[this.#state]!) yield* this.#take("closed", event);
    }
  }

  *#take(name: string, input: unknown): Generator<Command<Message>, void, void> {
    const from = this.#state;
    const cell = this.#table[from]![name];
    if (cell === undefined) return yield this.#unexpected(name);
    if (cell === IGNORED) return;
    if (cell === DEFERRED) return void (this.#deferred ??= []).push([name, input]);
    const handled = this.#handlers[name]?.(input, from);
    let chosen: string | void = undefined;
    if (typeof handled === "string") chosen = handled;
    else if (handled !== undefined && Symbol.iterator in handled) chosen = yield* handled;
    else if (handled !== undefined) yield handled;
    const leads = typeof cell === "string" ? [cell] : cell as readonly string[];
    const to = chosen ?? (leads.length === 1 ? leads[0] : undefined);
    if (to === undefined || !leads.includes(to)) {
      throw new Error(`Cannot move from "${from}" to "${to}" on "${name}"`);
    }
    if (to === from) return;
    this.#state = to;
    yield { kind: "move", from, to, on: name };
    const deferred = this.#deferred ?? [];
    this.#deferred = undefined;
    for (const [name, input] of deferred) yield* this.#take(name, input);
  }

  #unexpected(what: string, fields?: readonly string[]): Unexpected {
    return unexpected(what, this.#state, fields);
  }
}
