/**
 * The numbers by which contracts are found.
 * @module
 */
import { nameOf } from "../../phone/number.ts";
import type { Database } from "./database.ts";

/**
 * Brings the numbers of parties into the form in which they are looked for today: `+2540712345678`
 * was once another number than `+254712345678`. The contracts keep what was agreed on and signed.
 */
export function renameParties(database: Database): void {
  const rows = database.all("SELECT DISTINCT phone_number FROM parties");
  for (const { phone_number } of rows) {
    const before = String(phone_number);
    const now = nameOf(before);
    if (now === before) continue;
    database.run(
      "UPDATE OR IGNORE parties SET phone_number = ? WHERE phone_number = ?",
      now,
      before,
    );
    // What is left of the old number has its contract under the new one already.
    database.run("DELETE FROM parties WHERE phone_number = ?", before);
  }
}
