/**
 * The phone numbers by which contracts are found.
 * @module
 */
import { e164OrText } from "../../../phone/number.ts";
import type { Database } from "../database.ts";

/**
 * Rewrites the numbers of parties to the form used for lookup today: `+2540712345678` once counted as
 * another number than `+254712345678`. The contracts themselves stay as they were signed.
 */
export function renameParties(database: Database): void {
  const rows = database.all("SELECT DISTINCT phone_number FROM parties");
  for (const { phone_number } of rows) {
    const before = String(phone_number);
    const now = e164OrText(before);
    if (now === before) continue;
    database.run(
      "UPDATE OR IGNORE parties SET phone_number = ? WHERE phone_number = ?",
      now,
      before,
    );
    // The rows that are left have their contract under the new number already.
    database.run("DELETE FROM parties WHERE phone_number = ?", before);
  }
}
