import { assertEquals } from "@std/assert";
import { Database } from "../../../store/sqlite/database.ts";
import { openSqlite } from "../../../store/sqlite/open.ts";
import { type DatabaseFile, databaseFile } from "../../support/database_file.ts";
import { LastingServer } from "../../support/lasting_server.ts";
import { note, sampleCall, START, STARTED } from "../../support/store_samples.ts";

const NOTES = 300;

Deno.test("store.close() leaves everything in one file", async () => {
  await using file = await databaseFile();
  await write(file);
  assertEquals(await names(file), ["test.db", "test.db.lock"]);
  assertEquals(await readCopy(file), NOTES + 1);
});

Deno.test("store.close() leaves everything in one file even if another process has it open", async () => {
  await using file = await databaseFile();
  await (await openSqlite(file.path)).close();
  const other = new Database(file.path, { readOnly: true });
  other.get("SELECT COUNT(*) FROM events");
  await write(file);
  assertEquals(await readCopy(file), NOTES + 1);
  other.close();
});

Deno.test("store.close() does not wait forever for a reader, and the next start recovers the rest", async () => {
  await using file = await databaseFile();
  await (await openSqlite(file.path)).close();
  const other = new Database(file.path, { readOnly: true });
  other.exec("BEGIN");
  other.get("SELECT COUNT(*) FROM events");
  await write(file);
  other.exec("COMMIT");
  other.close();
  const store = await openSqlite(file.path);
  assertEquals((await store.calls.call("a"))?.lastSeq, NOTES + 1);
  await store.close();
  assertEquals(await names(file), ["test.db", "test.db.lock"]);
});

Deno.test("a stopped server leaves everything in one file", async () => {
  await using server = await LastingServer.start({ INBOUND_DTMF_AFTER_MS: "never" });
  await using line = await server.inboundCall("in-1");
  for (const digit of "12345") line.send({ event: "dtmf", digit });
  const { id } = await server.call("in-1", ({ lastSeq }) => lastSeq === 7);
  // A reader in the middle of a long result.
  const stream = await fetch(`http://127.0.0.1:${server.port}/api/v1/events/stream`);
  await server.stop();
  await stream.body?.cancel();
  await using copy = await databaseFile();
  await Deno.copyFile(server.database.path, copy.path);
  const store = await openSqlite(copy.path);
  const types = (await store.calls.events(String(id), 0, 100)).map(({ type }) => type);
  assertEquals(types, ["started", "answered", ...Array(5).fill("dtmf"), "ended", "cdr"]);
  await store.close();
  assertEquals(await names(server.database), ["test.db", "test.db.lock"]);
});

async function write({ path }: DatabaseFile): Promise<void> {
  const store = await openSqlite(path);
  await store.calls.begin(sampleCall("a"), STARTED, START);
  const notes = Array.from({ length: NOTES }, (_, at) => note(`${at}`));
  await Promise.all(notes.map((event) => store.calls.append("a", event, START)));
  // This uses its reading connection.
  assertEquals((await store.calls.call("a"))?.lastSeq, NOTES + 1);
  await store.close();
}

/** The last event's number in a copy of the file alone. */
async function readCopy({ path }: DatabaseFile): Promise<number | undefined> {
  await using copy = await databaseFile();
  await Deno.copyFile(path, copy.path);
  const store = await openSqlite(copy.path);
  try {
    return (await store.calls.call("a"))?.lastSeq;
  } finally {
    await store.close();
  }
}

async function names({ folder }: DatabaseFile): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).filter((name) => name.startsWith("test.db")).toSorted();
}
