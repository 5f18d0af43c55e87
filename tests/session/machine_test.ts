import { assert, assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { CALL_MOVES } from "../../calls/call_record.ts";
import { DEFERRED, type Handlers, IGNORED, machine, type Table } from "../../session/machine.ts";
import { close, type Command, type Event, send, timer } from "../../session/protocol.ts";
import { wire } from "../../session/wire.ts";
import { Script } from "../support/script.ts";

const Knock = z.object({ type: z.literal("knock") });
const Push = z.object({ type: z.literal("push"), hard: z.boolean().optional() });
const Creak = z.object({ type: z.literal("creak") });
const doorWire = wire({
  tag: "type",
  heard: z.discriminatedUnion("type", [Knock, Push]),
  said: z.discriminatedUnion("type", [Creak]),
  audio: { description: "noise", bytesPerMs: 16 },
});
type Said = z.input<typeof Creak>;
type State = "shut" | "opening" | "open" | "gone";
type Notice = { readonly kind: "oiled" | "lost" | "unhinged" };
interface Events {
  knock: unknown;
  push: z.infer<typeof Push>;
  audio: Uint8Array<ArrayBuffer>;
  oiled: unknown;
  lost: unknown;
  unhinged: unknown;
  "timeout:swing": string;
  closed: { readonly code: number };
}

const DOOR = {
  shut: { push: ["opening", "gone"], oiled: "shut", lost: "open", closed: "gone" },
  opening: { knock: DEFERRED, push: IGNORED, oiled: DEFERRED, "timeout:swing": "open" },
  open: { knock: "open", audio: "open", oiled: "open", unhinged: "shut", push: "gone" },
  gone: {},
} as const satisfies Table<State, keyof Events>;

class Door implements Handlers<State, Events, Said> {
  readonly #told: unknown[][];

  constructor({ told }: { told: unknown[][] }) {
    this.#told = told;
  }

  *push({ hard }: Events["push"], from: State): Generator<Command<Said>, State | void, void> {
    this.#told.push(["push", from]);
    if (from === "open") return yield close(1000, "fell out");
    if (hard) return "gone";
    yield timer("swing left", 100);
    return "opening";
  }

  knock(_: unknown, from: State) {
    this.#told.push(["knock", from]);
    return send({ type: "creak" as const });
  }

  oiled(_: unknown, from: State): void {
    this.#told.push(["oiled", from]);
  }

  unhinged(): State {
    return "opening";
  }

  "timeout:swing"(side: string): void {
    this.#told.push(["swing", side]);
  }

  audio(bytes: Uint8Array<ArrayBuffer>): void {
    this.#told.push(["audio", bytes.length]);
  }
}

const door = machine<typeof doorWire, { told: unknown[][] }, Notice, State, Events>({
  wire: doorWire,
  table: DOOR,
  start: (ports) => new Door(ports),
});

function start() {
  const told: unknown[][] = [];
  return { told, script: new Script(doorWire, door, { told }) };
}

function move(from: State, to: State, on: string) {
  return { kind: "move", from, to, on } as const;
}

Deno.test("machine() moves to the state that the handler names, after its commands", async () => {
  const { script, told } = start();
  assertEquals(await script.hear({ type: "push" }), [timer("swing left", 100)]);
  await script.advance(100);
  assertEquals(script.moves, [
    move("shut", "opening", "push"),
    move("opening", "open", "timeout:swing"),
  ]);
  assertEquals(told, [["push", "shut"], ["swing", "left"]]);
});

Deno.test("machine() reports an event that is not in its table, and keeps its state", async () => {
  const { script, told } = start();
  assertEquals(await script.hear({ type: "knock" }), []);
  assertEquals(await script.play(new Uint8Array(2)), []);
  assertEquals(await script.notify({ kind: "unhinged" }), []);
  assertEquals(await script.tell({ kind: "timeout", timer: "swing left" }), []);
  await script.hearText("{");
  await script.hear({ type: "push" });
  assertEquals(told, [
    ["unexpected", "knock", "shut"],
    ["unexpected", "audio", "shut"],
    ["unexpected", "unhinged", "shut"],
    ["unexpected", "timeout:swing", "shut"],
    ["unexpected", "not json", "shut"],
    ["push", "shut"],
  ]);
});

Deno.test("machine() reports the mended fields of a message, and handles it", async () => {
  const { script, told } = start();
  await script.tell({ kind: "message", message: { type: "push" }, mended: ["hard"] });
  assertEquals(told, [["unexpected", "wrong push", "shut", ["hard"]], ["push", "shut"]]);
});

Deno.test("machine() passes deferred events to the next state in order, and ignores others", async () => {
  const { script, told } = start();
  await script.hear({ type: "push" });
  await script.notify({ kind: "oiled" });
  await script.hear({ type: "knock" });
  assertEquals(await script.hear({ type: "push" }), []);
  assertEquals(told, [["push", "shut"]]);
  assertEquals(await script.advance(100), [send({ type: "creak" as const })]);
  assertEquals(told.slice(1), [["swing", "left"], ["oiled", "open"], ["knock", "open"]]);
});

Deno.test("machine() moves without a handler, and passes audio without a generator", async () => {
  const { script, told } = start();
  await script.notify({ kind: "lost" });
  assertEquals(script.moves, [move("shut", "open", "lost")]);
  await script.play(new Uint8Array(320));
  assertEquals(told, [["audio", 320]]);
});

Deno.test("machine() ends in a state that has no events", async () => {
  const { script } = start();
  await script.hear({ type: "push", hard: true });
  assert(script.over);
  const closed = start();
  await closed.script.close(1006);
  assertEquals(closed.script.moves, [move("shut", "gone", "closed")]);
});

Deno.test("machine() throws when a handler names a state that its table does not allow", async () => {
  const { script } = start();
  await script.notify({ kind: "lost" });
  await assertRejects(
    () => script.notify({ kind: "unhinged" }),
    Error,
    'Cannot move from "open" to "opening" on "unhinged"',
  );
});

Deno.test("machine() throws when a handler must choose and does not", async () => {
  const table = { shut: { knock: ["shut", "open"] }, open: {} } as const;
  const mute = machine<typeof doorWire, object, never, "shut" | "open", { knock: unknown }>({
    wire: doorWire,
    table,
    start: () => ({ knock() {} }),
  });
  async function* events(): AsyncGenerator<Event<z.infer<typeof Knock>>> {
    yield { kind: "message", message: { type: "knock" } };
  }
  await assertRejects(
    async () => await Array.fromAsync(mute(events(), {})),
    Error,
    'Cannot move from "shut" to "undefined" on "knock"',
  );
});

Deno.test("CALL_MOVES names only its own states, and ends in one without moves", () => {
  const rows: readonly (readonly string[])[] = Object.values(CALL_MOVES);
  for (const to of rows.flat()) assert(to in CALL_MOVES, `${to} is no state`);
  assertEquals(rows.filter((row) => row.length === 0).length, 1);
});
