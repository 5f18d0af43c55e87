/**
 * Reads the call log and its CDRs for clients.
 * @module
 */
import { callEntry } from "../../../calls/call_entry.ts";
import { cdrCsvLine, cdrEntry } from "../../../calls/cdr_entry.ts";
import type { CallRecord } from "../../../calls/call_record.ts";
import type { CallQuery } from "../../../calls/store.ts";
import type { CallForm, CallKey, CallPage, Part } from "../../pages.ts";
import { callFromDoc } from "../rows/call_doc.ts";
import { CALLED, calledValues } from "../rows/called.ts";
import type { Database, Row, Value } from "../database.ts";
import { PartText, WINDOW_ROWS } from "./part.ts";

/** After the first call: no call has started later. */
const FIRST: [number, string] = [Number.MAX_SAFE_INTEGER, ""];
/** Before the last call. */
const EARLIEST_MS = Number.MIN_SAFE_INTEGER;

/** The reads of the call log. */
export const callReads = {
  /** Calls of one index, newest first, by the narrowest filter; the other filters choose among them. */
  calls(database: Database, query: CallPage): Part<CallKey> {
    const { form, limit } = query;
    const part = new PartText<CallKey>(limit, form === "entry" || form === "cdr" ? "," : "");
    const filters = driver(query);
    // With a key that is for many numbers each index gives fewer.
    const rows = Math.max(limit + 1, Math.ceil(WINDOW_ROWS / Math.max(filters.length, 1)));
    const keys = keysOf(database, query, filters, rows);
    const [within, values] = boundsOf(query);
    let seen: [number, string] = upperEnd(query);
    for (const [startedAt, id] of keys) {
      if (part.isOver) break;
      seen = [startedAt, id];
      const row = database.get(`SELECT * FROM calls WHERE id = ? ${within}`, id, ...values);
      if (row === undefined || !passes(row, query)) continue;
      const call = callFromDoc(JSON.parse(String(row["doc"])), 0);
      if (form !== "entry" && call.cdr === null) continue;
      part.add(keyOf([startedAt, id]), () => textOf(call, form, database));
    }
    return part.done(keyOf(seen), keys.length < rows);
  },

  /** The CDR as the platform sent it, of the last CDR in the record. */
  receivedCdr(database: Database, callId: string): string | undefined {
    const row = database.get(
      `SELECT data -> 'received' AS received FROM events WHERE call_id = ? AND type = 'cdr'
       ORDER BY call_seq DESC LIMIT 1`,
      callId,
    );
    return typeof row?.["received"] === "string" ? row["received"] : undefined;
  },
};

function textOf(call: CallRecord, form: CallForm, database: Database): string {
  if (form === "cdr") return JSON.stringify(cdrEntry(call));
  if (form === "cdr line") return `${JSON.stringify(cdrEntry(call))}\n`;
  if (form === "cdr csv") return cdrCsvLine(call);
  const last = database.get("SELECT MAX(call_seq) AS seq FROM events WHERE call_id = ?", call.id);
  return JSON.stringify(callEntry({ ...call, lastSeq: Number(last?.["seq"] ?? 0) }));
}

function keyOf([startedAt, id]: [number, string]): CallKey {
  return { startedAt: new Date(startedAt), id };
}

/** The place before the newest call that the query may give. */
function upperEnd({ after, startedBefore }: CallQuery): [number, string] {
  const start: [number, string] = after === undefined
    ? FIRST
    : [after.startedAt.getTime(), after.id];
  const beforeMs = startedBefore?.getTime() ?? Infinity;
  return beforeMs <= start[0] ? [beforeMs, ""] : start;
}

/** The condition that a call went to the numbers that a key is for, and its values. */
function boundsOf({ calledNumbers }: CallQuery): readonly [sql: string, values: Value[]] {
  return calledNumbers === undefined ? ["", []] : [`AND ${CALLED}`, calledValues(calledNumbers)];
}

/** The places of the next `rows` calls that the narrowest filter finds in its index. */
function keysOf(
  database: Database,
  query: CallQuery,
  filters: readonly Filter[],
  rows: number,
): [number, string][] {
  const found = filters.flatMap(([column, value]) => {
    const condition = column === null ? "" : `${column} = ? AND`;
    return database.all(
      `SELECT started_at, id FROM calls
       WHERE ${condition} (started_at, id) < (?, ?) AND started_at >= ?
       ORDER BY started_at DESC, id DESC LIMIT ?`,
      ...(column === null ? [] : [value]),
      ...upperEnd(query),
      query.startedFrom?.getTime() ?? EARLIEST_MS,
      rows,
    ).map((row): [number, string] => [Number(row["started_at"]), String(row["id"])]);
  });
  if (filters.length === 1) return found;
  // A call may have the same number in both columns.
  const unique = [...new Map(found.map((key) => [key[1], key])).values()];
  return unique.toSorted((one, other) => other[0] - one[0] || (one[1] < other[1] ? 1 : -1)).slice(
    0,
    rows,
  );
}

type Filter = readonly [column: string | null, value: Value];

/** The columns and values of the narrowest filter. Each column has an index with the time. */
function driver(query: CallQuery): readonly Filter[] {
  const { from, to, fromE164, toE164, state, line, calledNumbers } = query;
  const numbers = (side: "from" | "to", written: string, e164: string | undefined): Filter[] =>
    spellingsOf(written, e164).flatMap((spelling): Filter[] => [
      [`${side}_number`, spelling],
      [`${side}_e164`, spelling],
    ]);
  if (from !== undefined) return numbers("from", from, fromE164);
  if (to !== undefined) return numbers("to", to, toE164);
  if (calledNumbers !== undefined) {
    return calledNumbers.flatMap((number): Filter[] => [
      ["to_e164", number],
      ...new Set([number, number.replace(/^\+/, "")]).values().map((
        to,
      ): Filter => ["to_number", to]),
    ]);
  }
  if (state !== undefined) return [["state", state]];
  if (line !== undefined) return [["line", line]];
  return [[null, null]];
}

function passes(row: Row, { from, to, fromE164, toE164, state, line }: CallQuery): boolean {
  if (state !== undefined && row["state"] !== state) return false;
  if (line !== undefined && row["line"] !== line) return false;
  const isOf = (side: "from" | "to", written: string, e164: string | undefined) => {
    const spellings: unknown[] = spellingsOf(written, e164);
    return spellings.includes(row[`${side}_number`]) || spellings.includes(row[`${side}_e164`]);
  };
  if (from !== undefined && !isOf("from", from, fromE164)) return false;
  return to === undefined || isOf("to", to, toE164);
}

/** Older rows have no E.164; many of their numbers lack only the plus. */
function spellingsOf(written: string, e164: string = written): string[] {
  return [...new Set([written, e164, e164.replace(/^\+/, "")])];
}
