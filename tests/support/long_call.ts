/**
 * A call with a long transcript, in a database that no server has open yet.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { openSqlite } from "../../store/sqlite/open.ts";
import { ended, later, sampleCall, START, STARTED } from "./store_samples.ts";

/** The id of the call. */
export const LONG_CALL = "long";

/** Writes a call that is over, with so many lines. Its last event is its end. */
export async function writeLongCall(path: string, lines: number): Promise<void> {
  const store = await openSqlite(path);
  await store.calls.begin(sampleCall(LONG_CALL), STARTED, START);
  await store.close();
  {
    using database = new DatabaseSync(path);
    database.exec("PRAGMA synchronous = OFF");
    database.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= ?)
       INSERT INTO events (at, type, actor, call_id, call_seq, data)
       SELECT i, 'transcript', 'rest', ?, i, '{"msg":"line ' || i || '","role":"other"}' FROM n`,
    ).run(lines, LONG_CALL);
  }
  const again = await openSqlite(path);
  await again.calls.append(LONG_CALL, ended(), later(1));
  await again.close();
}
