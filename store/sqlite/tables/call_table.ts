/**
 * The records of calls in SQLite.
 * @module
 */
import type {
  CallRecord,
  LineName,
  NewRecordEvent,
  RecordEvent,
} from "../../../calls/call_record.ts";
import type { CallStore, Persisted } from "../../../calls/store.ts";
import { callFromDoc, callToDoc, eventFromRow, eventToInput } from "../rows/call_doc.ts";
import type { Written } from "../writes/call_writes.ts";
import type { Database, Row } from "../database.ts";
import type { Writer } from "../writer.ts";

const LAST_SEQ = "(SELECT MAX(call_seq) FROM events WHERE call_id = calls.id) AS last_seq";
const SELECT = `SELECT doc, ${LAST_SEQ} FROM calls`;

/** Reads over its own connection and writes through the one writer. */
export class CallTable implements CallStore {
  readonly #reader: Database;
  readonly #writer: Writer;

  constructor(reader: Database, writer: Writer) {
    this.#reader = reader;
    this.#writer = writer;
  }

  async begin(call: CallRecord, first: NewRecordEvent, at: Date): Promise<Persisted> {
    const input = { call: callToDoc(call), event: eventToInput(first), at: at.getTime() };
    return persisted(first, await this.#writer.write("beginCall", input));
  }

  async append(
    callId: string,
    event: NewRecordEvent,
    at: Date,
    operation?: string,
  ): Promise<Persisted> {
    const input = {
      callId,
      event: eventToInput(event),
      at: at.getTime(),
      operation: operation ?? null,
    };
    return persisted(event, await this.#writer.write("appendEvent", input));
  }

  call(id: string): Promise<CallRecord | undefined> {
    return Promise.resolve(callFromRow(this.#reader.get(`${SELECT} WHERE id = ?`, id)));
  }

  byToken(token: string): Promise<CallRecord | undefined> {
    return Promise.resolve(callFromRow(this.#reader.get(`${SELECT} WHERE token = ?`, token)));
  }

  byPlatformId(line: LineName, platformId: string): Promise<CallRecord | undefined> {
    const row = this.#reader.get(
      `${SELECT} WHERE line = ? AND platform_id = ? ORDER BY started_at DESC LIMIT 1`,
      line,
      platformId,
    );
    return Promise.resolve(callFromRow(row));
  }

  open(): Promise<readonly CallRecord[]> {
    const rows = this.#reader.all(`${SELECT} WHERE open = 1 ORDER BY started_at, id`);
    return Promise.resolve(rows.map((row) => callFromRow(row)!));
  }

  events(callId: string, afterSeq: number, limit: number): Promise<readonly RecordEvent[]> {
    const rows = this.#reader.all(
      "SELECT * FROM events WHERE call_id = ? AND call_seq > ? ORDER BY call_seq LIMIT ?",
      callId,
      afterSeq,
      limit,
    );
    return Promise.resolve(rows.map(eventFromRow));
  }
}

function callFromRow(row: Row | undefined): CallRecord | undefined {
  if (row === undefined) return undefined;
  return callFromDoc(JSON.parse(String(row["doc"])), Number(row["last_seq"] ?? 0));
}

function persisted(event: NewRecordEvent, { id, seq, at, before }: Written): Persisted {
  const written = before === undefined ? event : { ...before, data: JSON.parse(before.data) };
  return {
    id,
    event: { ...written, seq, at: new Date(at) } as RecordEvent,
    repeated: before !== undefined,
  };
}
