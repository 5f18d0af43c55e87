import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { WrongDatabase } from "../../../store/errors.ts";
import { Database } from "../../../store/sqlite/database.ts";
import { migrate } from "../../../store/sqlite/schema/migrate.ts";
import { MIGRATIONS } from "../../../store/sqlite/schema/migrations.ts";
import { MEMORY, openSqlite } from "../../../store/sqlite/open.ts";
import { type DatabaseFile, databaseFile } from "../../support/database_file.ts";
import { ServerProcess } from "../../support/process.ts";
import {
  BUYER,
  contractWrite,
  note,
  sampleCall,
  sampleContract,
  START,
  STARTED,
} from "../../support/store_samples.ts";

Deno.test("openSqlite() creates a database and applies every migration", async () => {
  await using file = await databaseFile();
  await (await openSqlite(file.path)).close();
  const database = new Database(file.path, { readOnly: true });
  assertEquals(database.get("PRAGMA user_version")?.["user_version"], MIGRATIONS.length);
  assertEquals(database.get("PRAGMA journal_mode")?.["journal_mode"], "wal");
  const tables = database.all("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .map(({ name }) => name);
  for (
    const name of [
      "calls",
      "events",
      "contracts",
      "payments",
      "audit",
      "requests",
      "tickets",
      "keys",
      "client_keys",
    ]
  ) {
    assert(tables.includes(name), name);
  }
  // Nothing ever read that table.
  assertEquals(tables.includes("clients"), false);
  database.close();
});

Deno.test("openSqlite() finds earlier writes", async () => {
  await using file = await databaseFile();
  const before = await openSqlite(file.path);
  await before.calls.begin(sampleCall("a"), STARTED, START);
  await before.close();
  const after = await openSqlite(file.path);
  assertEquals((await after.calls.append("a", note("on"), START)).event.seq, 2);
  await after.close();
});

Deno.test("openSqlite() migrates the first version's database without loss", async () => {
  await using file = await databaseFile();
  const first = new Database(file.path);
  first.exec(`${MIGRATIONS[0]} PRAGMA user_version = 1`);
  first.run("INSERT INTO clients (id, first_seen_at, last_seen_at) VALUES ('c', 1, 2)");
  first.run("INSERT INTO requests (key, fingerprint, operation, at) VALUES ('k', 'p', 'o', 1)");
  first.close();
  const store = await openSqlite(file.path);
  assertEquals((await store.requests.open("k", "p", "another", START)).operation, "o");
  await store.close();
});

Deno.test("openSqlite() numbers and counts existing contracts, and finds who received their events", async () => {
  await using file = await databaseFile();
  const first = new Database(file.path);
  first.exec(`${MIGRATIONS[0]} PRAGMA user_version = 1`);
  const contracts = [
    ["newer", 2, "active"],
    ["older", 1, "pending"],
    ["newest", 3, "pending"],
  ] as const;
  for (const [id, at, status] of contracts) {
    const contract = sampleContract(id, { status });
    first.run(
      "INSERT INTO contracts (id, status, created_at, expires_at, doc) VALUES (?, ?, ?, 9, ?)",
      id,
      status,
      at,
      JSON.stringify(contract),
    );
    for (const { phoneNumber } of contract.parties) {
      first.run("INSERT INTO parties VALUES (?, ?)", phoneNumber, id);
    }
    first.run(
      `INSERT INTO events (at, type, actor, contract_id, data)
       VALUES (1, 'contract_changed', 'rest', ?, '{"status":"active","parties":[]}')`,
      id,
    );
  }
  first.close();
  const store = await openSqlite(file.path);
  const { pages, contracts: table } = store;
  const page = { limit: 2, offset: 0, phoneNumber: BUYER };
  const part = await pages.contracts(page);
  const ids = (items: Uint8Array, name: string) =>
    JSON.parse(`[${new TextDecoder().decode(items)}]`).map((item: never) => item[name]);
  assertEquals(ids(part.items, "contract_id"), ["newest", "newer"]);
  assertEquals([part.total, part.rest], [3, "some"]);
  assertEquals((await pages.contracts({ ...page, status: "pending" })).total, 2);
  const filter = { clientId: BUYER };
  const events = await pages.events({ afterId: 1, filter, limit: 9, form: "json" });
  assertEquals(ids(events.items, "contract_id"), ["older", "newest"]);
  await table.write(contractWrite(sampleContract("fourth")));
  const latest = await pages.contracts(page);
  assertEquals([ids(latest.items, "contract_id")[0], latest.total], ["fourth", 4]);
  await store.close();
});

Deno.test("migrate() waits for each commit to be on disk", () => {
  const database = new Database(":memory:");
  migrate(database);
  assertEquals(database.get("PRAGMA synchronous")?.["synchronous"], 2);
  migrate(database);
  database.close();
});

Deno.test("openSqlite() refuses a database from a newer version", async () => {
  await using file = await databaseFile();
  await writeNewer(file);
  const error = await assertRejects(() => openSqlite(file.path), WrongDatabase);
  assertEquals(
    error.message,
    `Cannot open the database: it has version ${MIGRATIONS.length + 1}, and this Tipring knows ` +
      `${MIGRATIONS.length}; use the newer Tipring that wrote it`,
  );
});

Deno.test("openSqlite() does not truncate text at a NUL", async () => {
  const { calls, close } = await opened();
  const token = "token\0one";
  await calls.begin(sampleCall("a", { liveConversationToken: token }), STARTED, START);
  assertEquals(await calls.byToken("token"), undefined);
  assertEquals((await calls.byToken(token))?.liveConversationToken, token);
  await calls.append("a", { ...note("x"), actor: "user a\0b" }, START);
  assertEquals((await calls.events("a", 1, 1))[0]?.actor, "user a\ufffdb");
  await close();
});

const PAGE_BYTES = 4096;

const UNUSABLE: [what: string, why: string, make: (file: DatabaseFile) => Promise<string>][] = [
  ["from a newer version", "it has version", async (file) => {
    await writeNewer(file);
    return file.path;
  }],
  ["that is not a database", "not a database", async ({ path }) => {
    await Deno.writeTextFile(path, "Dear diary, ".repeat(1000));
    return path;
  }],
  ["that is damaged", "malformed", async ({ path }) => {
    const store = await openSqlite(path);
    await store.calls.begin(sampleCall("a"), STARTED, START);
    await store.close();
    const bytes = await Deno.readFile(path);
    bytes.fill(0x5a, PAGE_BYTES);
    await Deno.writeFile(path, bytes);
    return path;
  }],
  ["whose events are damaged", "malformed", async ({ path }) => {
    const store = await openSqlite(path);
    await store.calls.begin(sampleCall("a"), STARTED, START);
    await store.close();
    const database = new Database(path, { readOnly: true });
    const page = database.get("SELECT rootpage FROM sqlite_schema WHERE name = 'events'");
    database.close();
    const bytes = await Deno.readFile(path);
    const end = Number(page!["rootpage"]) * PAGE_BYTES;
    bytes.fill(0x5a, end - PAGE_BYTES, end);
    await Deno.writeFile(path, bytes);
    return path;
  }],
  ["that is truncated", "malformed", async ({ path }) => {
    await (await openSqlite(path)).close();
    await Deno.truncate(path, 3 * PAGE_BYTES);
    return path;
  }],
  ["that is a folder", "open", ({ folder }) => Promise.resolve(folder)],
];

for (const [what, why, make] of UNUSABLE) {
  Deno.test(`main.ts reports in one line why it cannot start on a file ${what}`, async () => {
    await using file = await databaseFile();
    const path = await make(file);
    await using process = new ServerProcess({ env: { DATABASE_URL: `sqlite:${path}` } });
    assertEquals(await process.exitCode(), 1);
    assertEquals(process.stdout.all, []);
    assertEquals(process.stderr.all.length, 1, process.stderr.all.join("\n"));
    assertStringIncludes(process.stderr.all[0]!, "Cannot open the database");
    assertStringIncludes(process.stderr.all[0]!, why);
  });
}

function writeNewer(file: DatabaseFile): Promise<void> {
  const database = new Database(file.path);
  migrate(database);
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  database.close();
  return Promise.resolve();
}

async function opened() {
  const store = await openSqlite(MEMORY);
  return { calls: store.calls, close: () => store.close() };
}
