/**
 * Walks the table of a protocol: every event in every reachable state.
 * @module
 */
import { assertEquals } from "@std/assert";
import { DEFERRED, IGNORED, type Table, type TableProtocol } from "../../session/machine.ts";
import type { Event } from "../../session/protocol.ts";
import type { Heard, Wire } from "../../session/wire.ts";
import { Script } from "./script.ts";

/** The input of a walk: samples of every event, and ports that make handlers choose differently. */
export interface Walk<W extends Wire, Ports, Notice> {
  readonly wire: W;
  readonly protocol: TableProtocol<W, Ports, Notice>;
  readonly worlds: readonly (() => Ports & { readonly told: unknown[][] })[];
  readonly events: Readonly<Record<string, readonly Event<Heard<W>, Notice>[]>>;
}

/** Tests that every edge of a table can be walked, and that every absent pair is reported. */
export function walks<W extends Wire, Ports, Notice>(
  name: string,
  given: Walk<W, Ports, Notice>,
): void {
  Deno.test(`${name}() walks every edge of its table, and reports every absent pair`, async () => {
    assertEquals([...await walk(given)].sort(), edgesOf(given.protocol.table).sort());
  });

  Deno.test(`${name}() has a sample of every event that its table names`, () => {
    const named = new Set(Object.values(given.protocol.table).flatMap((row) => Object.keys(row)));
    named.delete("opened");
    assertEquals([...named].filter((event) => !(event in given.events)), []);
  });
}

/** How many paths to one state it tries: a handler's choice may depend on the path. */
const WAYS = 24;

/**
 * Delivers each event in each state. Fails when an event that the table does not have, or ignores,
 * has any effect. Returns the walked edges, such as `ringing, hangup -> ended`.
 */
async function walk<W extends Wire, Ports, Notice>(
  { wire, protocol, worlds, events }: Walk<W, Ports, Notice>,
): Promise<Set<string>> {
  const walked = new Set<string>();
  for (const world of worlds) {
    const ways = new Map<string, number>();
    const paths: Event<Heard<W>, Notice>[][] = [[]];
    for (const path of paths) {
      for (const [name, samples] of Object.entries(events)) {
        for (const event of samples) {
          const { told, ...ports } = world() as Ports & { told: unknown[][] };
          const script = new Script<W, Ports, Notice>(
            wire,
            protocol,
            { ...ports, told } as unknown as Ports & { told: unknown[][] },
          );
          await script.begin();
          const [first] = Object.keys(protocol.table);
          if ("opened" in protocol.table[first!]!) {
            walked.add(`${first}, opened -> ${stateOf(script, protocol.table)}`);
          }
          if (script.over) continue;
          // A handler may change a sample.
          await script.tell(...structuredClone(path));
          const from = stateOf(script, protocol.table);
          if (script.over) continue;
          const before = { told: told.length, commands: script.commands.length };
          await script.tell(structuredClone(event));
          const to = stateOf(script, protocol.table);
          const cell = protocol.table[from]![name];
          if (cell === undefined || cell === IGNORED || cell === DEFERRED) {
            const reports = cell === undefined && name !== "closed"
              ? told.slice(before.told).filter(([what]) => what === "unexpected").length
              : 0;
            assertEquals(
              {
                to,
                reports,
                told: told.length - before.told,
                commands: script.commands.length - before.commands,
              },
              { to: from, reports, told: reports, commands: 0 },
              `${from}, ${name}`,
            );
            if (cell === undefined && name !== "closed") {
              assertEquals(reports, 1, `${from}, ${name}`);
            }
            continue;
          }
          walked.add(`${from}, ${name} -> ${to}`);
          const way = ways.get(to) ?? 0;
          if (to === from && path.length > 9 || script.over || way === WAYS) continue;
          ways.set(to, way + 1);
          paths.push([...path, event]);
        }
      }
    }
  }
  return walked;
}

/** Every edge of a table, as `walk` names them. */
function edgesOf(table: Table<string, string>): string[] {
  return Object.entries(table).flatMap(([from, row]) =>
    Object.entries(row).flatMap(([name, cell]) =>
      cell === IGNORED || cell === DEFERRED
        ? []
        : [cell as string | readonly string[]].flat().map((to) => `${from}, ${name} -> ${to}`)
    )
  );
}

function stateOf(
  script: { readonly moves: readonly { readonly to: string }[] },
  table: Table<string, string>,
): string {
  return script.moves.at(-1)?.to ?? Object.keys(table)[0]!;
}
