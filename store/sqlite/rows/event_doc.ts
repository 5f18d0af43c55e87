/**
 * Events of the log as rows.
 * @module
 */
import type { CallEnds, StoredEvent } from "../../../events/event_log.ts";
import type { Row } from "../database.ts";

/**
 * The columns of `storedEvent`. A call's numbers and a contract's parties never change, so they hold
 * for old events too.
 */
export const EVENT_COLUMNS = `*,
  CASE WHEN type IN ('started', 'ended') THEN (
    SELECT json_extract(doc, '$.line', '$.from', '$.to') FROM calls WHERE calls.id = events.call_id
  ) END AS call,
  (SELECT doc -> 'parties' FROM contracts WHERE contracts.id = events.contract_id) AS parties`;

/** Reads an event from its row. */
export function storedEvent(row: Row): StoredEvent {
  return {
    id: Number(row["id"]),
    at: new Date(Number(row["at"])),
    type: String(row["type"]),
    actor: String(row["actor"]),
    callId: row["call_id"] as string | null,
    callSeq: row["call_seq"] as number | null,
    contractId: row["contract_id"] as string | null,
    toEveryone: row["to_everyone"] === 1,
    data: JSON.parse(String(row["data"])),
    call: callEnds(row["call"]),
    parties: typeof row["parties"] === "string" ? JSON.parse(row["parties"]) : null,
  };
}

function callEnds(text: unknown): CallEnds | null {
  if (typeof text !== "string") return null;
  const [line, from, to] = JSON.parse(text);
  return { line, from, to };
}
