/**
 * Checks that nothing in the audit trail was changed or removed: `deno task verify`, or
 * `deno task verify PATH` for a database other than the configured one. It only reads.
 * @module
 */
import { readConfig } from "../../config/config.ts";
import { readEnvironment } from "../../config/environment.ts";
import { type AuditVerdict, verifyAudit } from "./writes/audit.ts";
import { Database } from "./database.ts";

if (import.meta.main) {
  const path = Deno.args[0] ?? configuredPath();
  const { entries, fault, lastHash } = verdictOrExit(path);
  console.log(`${path}: ${entries} entries in order, the last hash is ${lastHash}`);
  if (fault !== undefined) {
    console.error(`The audit trail is broken: ${fault}`);
    Deno.exit(1);
  }
}

/** Reads this setting only: the others may be wrong, or not set here. */
function configuredPath(): string {
  const { DATABASE_URL } = readEnvironment();
  return readConfig({ DATABASE_URL }).DATABASE_URL.slice("sqlite:".length);
}

function verdictOrExit(path: string): AuditVerdict {
  try {
    const database = new Database(path, { readOnly: true });
    const verdict = verifyAudit(database);
    database.close();
    return verdict;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.error(`Cannot check the database ${path}: ${why}`);
    Deno.exit(1);
  }
}
