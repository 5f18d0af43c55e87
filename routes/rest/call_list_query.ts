/**
 * The filters and cursors of lists of calls.
 * @module
 */
import { z } from "zod";
import type { Holder } from "../../access/holder.ts";
import { CallState, LineName } from "../../calls/call_record.ts";
import type { CallQuery } from "../../calls/store.ts";
import { Refused } from "../../http/problem.ts";
import type { CallKey } from "../../store/pages.ts";
import type { ListEnd } from "./list_answer.ts";

const time = z.iso.datetime({ offset: true });

/** The query parameters of every list of calls. */
export const CallListQuery = z.object({
  state: CallState.optional(),
  line: LineName.optional(),
  from: z.string().min(1).optional().meta({
    description: "The caller: as the platform sent it, or the number in any spelling",
    examples: ["+254712345678"],
  }),
  to: z.string().min(1).optional().meta({
    description: "The number called: as the platform sent it, or in any spelling",
    examples: ["5000"],
  }),
  started_from: time.optional().describe("Started at this time or later, in ISO 8601"),
  started_before: time.optional().describe("Started before this time, in ISO 8601"),
  limit: z.coerce.number().int().min(1).max(500).default(50).describe("How many at most"),
  cursor: z.string().optional().describe("The next_cursor of the previous page"),
});

/** Where the next page begins: opaque to clients. */
export const NextCursor = z.string().optional()
  .describe("The cursor of the next page; missing on the last page");

/**
 * The query parameters in the store's form, within the holder's bounds.
 * @throws {Refused} 422 for an invalid cursor
 */
export function callQuery(
  query: z.output<typeof CallListQuery>,
  holder: Holder | undefined,
): CallQuery {
  const { cursor, started_from, started_before, ...rest } = query;
  return {
    ...rest,
    after: cursor === undefined ? undefined : readCursor(cursor),
    calledNumbers: holder?.bounds?.numbers,
    startedFrom: started_from === undefined ? undefined : new Date(started_from),
    startedBefore: started_before === undefined ? undefined : new Date(started_before),
  };
}

/** The cursor of the page after this call. */
export function cursorAfter({ startedAt, id }: CallKey): string {
  const text = new TextEncoder().encode(JSON.stringify([startedAt.getTime(), id]));
  return text.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The member of an answer that has the next cursor, after others; nothing at the end of the list. */
export function nextCursor({ last, isFollowed }: ListEnd<CallKey>): string {
  return isFollowed && last !== null ? `,"next_cursor":"${cursorAfter(last)}"` : "";
}

const Cursor = z.tuple([z.int(), z.string()]);

function readCursor(cursor: string): { startedAt: Date; id: string } {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    const [startedAt, id] = Cursor.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return { startedAt: new Date(startedAt), id };
  } catch {
    const message = "not the next_cursor of an earlier answer";
    throw new Refused(422, "The query is invalid: 1 fault", {
      errors: [{ field: "cursor", message }],
    });
  }
}
