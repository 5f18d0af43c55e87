import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { appendAudit, FIRST_HASH, verifyAudit } from "../../../../store/sqlite/writes/audit.ts";
import { Database } from "../../../../store/sqlite/database.ts";
import { migrate } from "../../../../store/sqlite/schema/migrate.ts";
import { type DatabaseFile, databaseFile } from "../../../support/database_file.ts";
import { TestContracts } from "../../../support/contracts.ts";
import { outputOf, ROOT } from "../../../support/process.ts";
import { ODD_TEXT } from "../../../support/store_samples.ts";

const ENTRIES = 7;

Deno.test("verifyAudit() accepts an empty trail", () => {
  using chain = new Chain(0);
  assertEquals(verifyAudit(chain.database), { entries: 0, lastHash: FIRST_HASH });
});

Deno.test("verifyAudit() walks to the last hash", () => {
  using chain = new Chain();
  const { entries, fault, lastHash } = verifyAudit(chain.database);
  assertEquals([entries, fault], [ENTRIES, undefined]);
  assertEquals(lastHash, chain.database.get("SELECT hash FROM audit WHERE id = 7")?.["hash"]);
  assertMatch(lastHash, /^[0-9a-f]{64}$/);
});

Deno.test("verifyAudit() reads a long trail page by page", () => {
  using chain = new Chain(2500);
  assertEquals(verifyAudit(chain.database).entries, 2500);
  chain.database.exec("UPDATE audit SET actor = 'me' WHERE id = 2001");
  assertEquals(verifyAudit(chain.database).entries, 2000);
});

Deno.test("verifyAudit() accepts entries with any text", () => {
  using chain = new Chain(0);
  const text = { actor: ODD_TEXT, action: ODD_TEXT, subject: ODD_TEXT };
  appendAudit(chain.database, { at: 1, ...text, before: null, after: JSON.stringify(ODD_TEXT) });
  appendAudit(chain.database, { at: 2, ...text, before: ODD_TEXT, after: "{}" });
  assertEquals(verifyAudit(chain.database).fault, undefined);
});

const CHANGES: Record<string, string> = {
  at: "at = at + 1",
  actor: "actor = 'somebody'",
  action: "action = 'nothing'",
  subject: "subject = 'contract B'",
  before: "before = NULL",
  after: "after = '{}'",
  hash: `hash = '${"a".repeat(64)}'`,
};

for (const [column, change] of Object.entries(CHANGES)) {
  Deno.test(`verifyAudit() detects that ${column} was changed`, () => {
    using chain = new Chain();
    chain.database.exec(`UPDATE audit SET ${change} WHERE id = 4`);
    const { entries, fault } = verifyAudit(chain.database);
    assertEquals([entries, fault], [3, "entry 4: it was changed after it was written"]);
  });
}

Deno.test("verifyAudit() detects an entry that was changed together with its hash", () => {
  using chain = new Chain();
  using forger = new Chain(3);
  forger.add(4, "somebody");
  const { hash } = forger.database.get("SELECT hash FROM audit WHERE id = 4")!;
  chain.database.run("UPDATE audit SET actor = 'somebody', hash = ? WHERE id = 4", hash!);
  assertEquals(verifyAudit(chain.database).fault, "entry 5: it is not chained to the one before");
});

Deno.test("verifyAudit() detects a removed entry", () => {
  for (const id of [1, 4]) {
    using chain = new Chain();
    chain.database.exec(`DELETE FROM audit WHERE id = ${id}`);
    assertEquals(verifyAudit(chain.database).fault, `entry ${id} is missing`);
    chain.database.exec(`UPDATE audit SET id = id - 1 WHERE id > ${id}`);
    assertEquals(
      verifyAudit(chain.database).fault,
      `entry ${id}: it is not chained to the one before`,
    );
  }
});

Deno.test("verifyAudit() detects swapped entries", () => {
  using chain = new Chain();
  for (const [from, to] of [[3, 100], [4, 3], [100, 4]]) {
    chain.database.exec(`UPDATE audit SET id = ${to} WHERE id = ${from}`);
  }
  assertEquals(verifyAudit(chain.database).fault, "entry 3: it is not chained to the one before");
});

Deno.test("verifyAudit() shows a truncated trail by its last hash", () => {
  using chain = new Chain();
  const noted = verifyAudit(chain.database);
  chain.database.exec("DELETE FROM audit WHERE id > 5");
  const cut = verifyAudit(chain.database);
  assertEquals([cut.entries, cut.fault], [5, undefined]);
  assertNotEquals(cut.lastHash, noted.lastHash);
  chain.add(6);
  chain.add(8);
  assertNotEquals(verifyAudit(chain.database).lastHash, noted.lastHash);
});

Deno.test("contractStore.write() chains the audit entries of contracts", async () => {
  await using file = await databaseFile();
  await using test = await TestContracts.open({ path: file.path });
  const id = await test.deal();
  const payment = await test.payment(id);
  await test.contracts.change(id, { status: "confirmed" }, "operator");
  await test.contracts.settle({ payment_id: payment.id, status: "held" });
  const database = new Database(file.path, { readOnly: true });
  assertEquals(verifyAudit(database).fault, undefined);
  const rows = database.all("SELECT * FROM audit ORDER BY id");
  assertEquals(rows.map(({ actor, action, subject }) => `${actor}: ${action} ${subject}`), [
    `test: contract_created contract ${id}`,
    `test: payment_recorded payment ${payment.id}`,
    `operator: contract_moved contract ${id}`,
    `provider: payment_settled payment ${payment.id}`,
    `provider: contract_activated contract ${id}`,
  ]);
  assertEquals(rows[0]!["before"], null);
  const [before, after] = ["before", "after"].map((column) => JSON.parse(String(rows[2]![column])));
  assertEquals([before.status, after.status], ["pending", "confirmed"]);
  database.close();
});

Deno.test("deno task verify checks the configured database and changes nothing", async () => {
  await using file = await written();
  const before = await Deno.readFile(file.path);
  const { code, stdout, stderr } = await verify([], { DATABASE_URL: file.url });
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /: 7 entries in order, the last hash is [0-9a-f]{64}\n$/);
  assertEquals(await Deno.readFile(file.path), before);
});

Deno.test("deno task verify PATH names the first broken entry", async () => {
  await using file = await written();
  const database = new Database(file.path);
  database.exec("UPDATE audit SET after = '{}' WHERE id IN (3, 5)");
  database.close();
  const { code, stderr } = await verify([file.path]);
  assertEquals(code, 1);
  assertEquals(
    stderr,
    "The audit trail is broken: entry 3: it was changed after it was written\n",
  );
});

Deno.test("deno task verify reports a missing database in one line", async () => {
  await using file = await databaseFile();
  const { code, stderr } = await verify([file.path]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `Cannot check the database ${file.path}`);
  assertEquals(stderr.trim().split("\n").length, 1);
});

/** A database in memory, or in a file, with entries. */
class Chain implements Disposable {
  readonly database: Database;

  constructor(entries = ENTRIES, path = ":memory:") {
    this.database = new Database(path);
    migrate(this.database);
    for (let count = 1; count <= entries; count++) this.add(count);
  }

  add(count: number, actor = "test"): void {
    appendAudit(this.database, {
      at: count,
      actor,
      action: "contract_moved",
      subject: "contract A",
      before: JSON.stringify({ count: count - 1 }),
      after: JSON.stringify({ count }),
    });
  }

  [Symbol.dispose](): void {
    this.database.close();
  }
}

async function written(): Promise<DatabaseFile> {
  const file = await databaseFile();
  using _chain = new Chain(ENTRIES, file.path);
  return file;
}

async function verify(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await outputOf(Deno.execPath(), {
    args: ["task", "--quiet", "verify", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
  });
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
