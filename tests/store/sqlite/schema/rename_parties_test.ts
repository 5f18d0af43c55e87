/** Contracts whose parties were stored before numbers had one form. */
import { assertEquals, assertThrows } from "@std/assert";
import { Contracts } from "../../../../contracts/contracts.ts";
import { newContract } from "../../../../contracts/contract.ts";
import { Database } from "../../../../store/sqlite/database.ts";
import { migrate } from "../../../../store/sqlite/schema/migrate.ts";
import { MIGRATIONS } from "../../../../store/sqlite/schema/migrations.ts";
import { openSqlite } from "../../../../store/sqlite/open.ts";
import { START } from "../../../support/contracts.ts";
import { databaseFile } from "../../../support/database_file.ts";

const OLD_FORM = "+2540712345678";
const NOW = "+254712345678";
const SELLER = "+254787654321";

/** A database of the first version with a contract between these numbers, as it was stored then. */
function writeFirstVersion(path: string, id: string, numbers: readonly string[]): void {
  const database = new Database(path);
  database.exec(`${MIGRATIONS[0]} PRAGMA user_version = 1;`);
  const contract = newContract(id, {
    type: "other",
    parties: numbers.map((phoneNumber) => ({ phoneNumber, role: "buyer", name: null })),
    transcript: null,
    terms: {},
    totalMinorUnits: null,
    currency: "KES",
  }, START);
  const at = START.getTime();
  database.run(
    "INSERT INTO contracts VALUES (?, 'pending', ?, ?, NULL, ?)",
    ...[id, at, contract.expiresAt.getTime(), JSON.stringify(contract)],
  );
  for (const number of numbers) database.run("INSERT INTO parties VALUES (?, ?)", number, id);
  database.close();
}

for (const numbers of [[OLD_FORM, SELLER], [NOW, SELLER], [OLD_FORM, NOW, SELLER]]) {
  Deno.test(`contracts finds and signs an old contract of ${numbers.join(" and ")}`, async () => {
    await using file = await databaseFile();
    writeFirstVersion(file.path, "OT-1", numbers);
    const store = await openSqlite(file.path);
    const contracts = new Contracts({
      store: store.contracts,
      now: () => START,
      paymentsToEveryone: true,
    });
    for (const phoneNumber of [OLD_FORM, NOW, "254712345678", "+254 (0) 712 345 678"]) {
      const asked = { limit: 9, offset: 0, phoneNumber: contracts.phone(phoneNumber) };
      const { total } = await store.pages.contracts(asked);
      assertEquals(total, 1, phoneNumber);
    }
    const hash = (await contracts.get("OT-1")).hash;
    await contracts.confirm("OT-1", "254 712 345 678");
    const signed = await contracts.confirm("OT-1", SELLER);
    assertEquals([signed.status, signed.hash], ["confirmed", hash]);
    assertEquals(signed.signatures.map(({ phoneNumber }) => phoneNumber), numbers);
    const filter = { clientId: NOW };
    const told = (await store.events.after(0, filter, 9)).map(({ type }) => type);
    assertEquals(told, [...numbers.map(() => "contract_signed"), "contract_changed"]);
    assertEquals((await store.pages.contracts({ limit: 9, offset: 0, phoneNumber: NOW })).total, 1);
    await store.close();
  });
}

Deno.test("migrate() leaves nothing of a failed migration, and no open transaction", () => {
  const database = new Database(":memory:");
  database.exec(`${MIGRATIONS[0]} PRAGMA user_version = 1;`);
  database.exec("DROP TABLE clients");
  const tables = () => database.all("SELECT name FROM sqlite_schema ORDER BY name");
  const before = tables();
  assertThrows(() => migrate(database), Error, "clients");
  assertEquals([database.inTransaction, tables()], [false, before]);
  assertEquals(database.get("PRAGMA user_version"), { user_version: 1 });
  database.close();
});
