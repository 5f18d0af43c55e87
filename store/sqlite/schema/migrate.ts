/**
 * Migrates a database to the current schema.
 * @module
 */
import { WrongDatabase } from "../../errors.ts";
import type { Database } from "../database.ts";
import { MIGRATIONS } from "./migrations.ts";

/**
 * Migrates a database to the version of this code.
 * @throws {WrongDatabase} when it is newer than this code, or damaged
 */
export function migrate(database: Database): void {
  const version = Number(database.get("PRAGMA user_version")?.["user_version"] ?? 0);
  if (version > MIGRATIONS.length) {
    throw new WrongDatabase(
      `Cannot open the database: it has version ${version}, and this Tipring knows ` +
        `${MIGRATIONS.length}; use the newer Tipring that wrote it`,
    );
  }
  for (let next = version; next < MIGRATIONS.length; next++) {
    const migration = MIGRATIONS[next]!;
    database.exec("BEGIN IMMEDIATE");
    try {
      if (typeof migration === "string") database.exec(migration);
      else migration(database);
      database.exec(`PRAGMA user_version = ${next + 1}; COMMIT`);
    } catch (error) {
      if (database.inTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }
}
