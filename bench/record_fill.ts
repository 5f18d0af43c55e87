/**
 * Fills a database with ended calls by plain SQL: `deno run -A record_fill.ts DATABASE EVENTS`.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { openSqlite } from "../store/sqlite/open.ts";

const EVENTS_PER_CALL = 100;
/** Calls in progress when the server was killed: the start recovers them. */
const OPEN_CALLS = 100;

if (import.meta.main) {
  const [path = "", events = "1000000"] = Deno.args;
  await (await openSqlite(path)).close();
  fill(path, Number(events));
}

function fill(path: string, events: number): void {
  using database = new DatabaseSync(path);
  database.exec("PRAGMA synchronous = OFF; BEGIN");
  const calls = Math.floor(events / EVENTS_PER_CALL);
  database.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO calls (id, line, platform_id, state, from_number, to_number, from_e164, to_e164,
       started_at, token, open, doc)
     SELECT 'call-' || i, 'inbound', 'session-' || i, iif(i <= $open, 'answered', 'ended'),
       '+254712345678', '5000', '+254712345678', NULL, i, 'token-' || i, i <= $open,
       json_object('id', 'call-' || i, 'line', 'inbound', 'platformId', 'session-' || i,
         'direction', 'inbound', 'from', '+254712345678', 'to', '5000',
         'fromE164', '+254712345678', 'toE164', NULL,
         'state', iif(i <= $open, 'answered', 'ended'), 'startedAt', i, 'answeredAt', i,
         'endedAt', iif(i <= $open, NULL, i), 'endedBy', iif(i <= $open, NULL, 'caller'),
         'cdr', NULL, 'liveConversationToken', 'token-' || i) FROM n`
      .replaceAll("$open", String(OPEN_CALLS)),
  ).run(calls);
  database.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)
     INSERT INTO events (at, type, actor, call_id, call_seq, data)
     SELECT i, iif(i % $each = 0, 'started', 'dtmf'), 'line', 'call-' || (i / $each + 1),
       i % $each + 1,
       iif(i % $each = 0, '{"direction":"inbound"}', '{"digit":"5","from":"caller"}') FROM n`
      .replaceAll("$each", String(EVENTS_PER_CALL)),
  ).run(calls * EVENTS_PER_CALL);
  database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}
