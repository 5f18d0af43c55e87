/**
 * A CDR with its call, as lists of CDRs show it.
 * @module
 */
import { z } from "zod";
import { CallEntry } from "./call_entry.ts";
import { type CallRecord, Cdr } from "./call_record.ts";
import { csvLine } from "./csv.ts";

/** One line of the list of CDRs. */
export const CdrEntry = z.object({
  call_id: z.string(),
  ...CallEntry.pick({ line: true, direction: true }).shape,
  ...CallEntry.pick({ from: true, fromE164: true, to: true, toE164: true }).shape,
  ...Cdr.shape,
}).meta({ id: "CdrEntry", description: "A CDR in normal form, with its call" });

/** The columns of a table of CDRs. */
export const CDR_COLUMNS = CdrEntry.keyof().options;

/** The CDR of a call that has one. */
export function cdrEntry({ id, cdr, ...call }: CallRecord): z.infer<typeof CdrEntry> {
  const { line, direction, from, fromE164, to, toE164 } = call;
  return { call_id: id, line, direction, from, fromE164, to, toE164, ...cdr! };
}

/** The line of a table of CDRs. One cell has the names of the unread fields. */
export function cdrCsvLine(call: CallRecord): string {
  const cdr = cdrEntry(call);
  const cells = { ...cdr, unread: cdr.unread.join(" ") };
  return csvLine(CDR_COLUMNS.map((column) => cells[column]));
}
