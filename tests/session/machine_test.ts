import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { CALL_MOVES } from "../../calls/call_record.ts";
import { INBOUND_CALL_MOVES } from "../../protocols/inbound_call/session.ts";
import { JAMBONZ_MOVES } from "../../protocols/jambonz/session.ts";
import { JAMBONZ_AUDIO_MOVES } from "../../protocols/jambonz_audio/session.ts";
import { WATCH_MOVES } from "../../protocols/live_calls/session.ts";
import { Machine, type Moves } from "../../session/machine.ts";

type Door = "shut" | "open" | "gone";
const DOOR: Moves<Door> = { shut: ["open"], open: ["shut", "gone"], gone: [] };

Deno.test("Machine moves along its table and tells each move", () => {
  const machine = new Machine(DOOR, "shut");
  assertEquals(machine.state, "shut");
  assertEquals(machine.move("open"), { kind: "move", from: "shut", to: "open" });
  assertEquals(machine.move("gone"), { kind: "move", from: "open", to: "gone" });
  assertEquals(machine.state, "gone");
});

Deno.test("Machine throws on a move that is not in its table, and stays where it is", () => {
  const machine = new Machine(DOOR, "shut");
  assertThrows(() => machine.move("gone"), Error, 'Cannot move from "shut" to "gone"');
  assertThrows(() => machine.move("shut"), Error, 'Cannot move from "shut" to "shut"');
  assertEquals(machine.state, "shut");
});

Deno.test("Machine.in() and can() say where it is and where it may go", () => {
  const machine = new Machine(DOOR, "open");
  assert(machine.in("shut", "open"));
  assertFalse(machine.in("shut", "gone"));
  assertFalse(machine.in());
  assert(machine.can("gone"));
  assertFalse(machine.can("open"));
});

const TABLES: Record<string, Moves<string>> = {
  INBOUND_CALL_MOVES,
  JAMBONZ_MOVES,
  JAMBONZ_AUDIO_MOVES,
  WATCH_MOVES,
  CALL_MOVES,
};

for (const [name, moves] of Object.entries(TABLES)) {
  Deno.test(`${name} is a table: legal moves are made, all others throw`, () => {
    const states = Object.keys(moves);
    for (const from of states) {
      for (const to of states) {
        const machine = new Machine(moves, from);
        if (moves[from]!.includes(to)) {
          assertEquals(machine.move(to), { kind: "move", from, to });
        } else assertThrows(() => machine.move(to), Error, `Cannot move from "${from}" to "${to}"`);
      }
    }
  });

  Deno.test(`${name} names only states that it has, and ends in one that has no moves`, () => {
    for (const row of Object.values(moves)) {
      for (const to of row) assert(to in moves, `${to} is no state`);
    }
    assertEquals(Object.values(moves).filter((row) => row.length === 0).length, 1);
  });
}
