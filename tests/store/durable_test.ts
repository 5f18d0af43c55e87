import { assert, assertEquals } from "@std/assert";
import { openSqlite } from "../../store/sqlite/open.ts";
import { databaseFile } from "../support/database_file.ts";
import { ROOT, ServerProcess } from "../support/process.ts";

const CHILD = new URL("tests/support/store_child.ts", ROOT).pathname;

for (const lines of [1, 400, 1500]) {
  Deno.test(`openSqlite() has everything acknowledged before a kill after ${lines}`, async () => {
    await using file = await databaseFile();
    await using process = new ServerProcess({ args: ["-A", CHILD, file.path] });
    for (let count = 0; count < lines; count++) await process.stdout.next();
    process.kill("SIGKILL");
    await process.exitCode();
    const acknowledged = process.stdout.all.map((line) => line.split(" "));
    assert(acknowledged.length >= lines);
    const { calls, close } = await reopen(file.path);
    for (const call of await calls.open()) {
      const events = await calls.events(call.id, 0, Number.MAX_SAFE_INTEGER);
      assertEquals(events.map(({ seq }) => seq), events.map((_, at) => at + 1));
      assertEquals(call.lastSeq, events.length);
      for (const [, seq, text] of acknowledged.filter(([id]) => id === call.id)) {
        assertEquals(events[Number(seq) - 1]?.data, { text: text! });
      }
    }
    const ids = new Set(acknowledged.map(([id]) => id));
    assert((await calls.open()).length >= ids.size);
    await close();
  });
}

async function reopen(path: string) {
  const store = await openSqlite(path);
  return { calls: store.calls, close: () => store.close() };
}
