/**
 * A watcher's session as a table: which event leads where.
 * @module
 */
import type { Table } from "../../session/machine.ts";
import type { Heard, Malformed } from "../../session/wire.ts";
import type { LiveCallsWire } from "./messages.ts";
import type { LiveCallsNotice } from "./ports.ts";

/** Where a watcher's session stands. */
export type LiveCallsState = "watching" | "over";

type MessageOf<Type> = Extract<Heard<LiveCallsWire>, { type: Type }>;
type NoticeOf<Kind> = Extract<LiveCallsNotice, { kind: Kind }>;

/** What happens in a watcher's session: the client's messages by their names, and ours. */
export interface LiveCallsEvents {
  opened: unknown;
  "client:joinCall": MessageOf<"client:joinCall">;
  "client:endCall": MessageOf<"client:endCall">;
  recorded: NoticeOf<"recorded">;
  outcome: NoticeOf<"outcome">;
  malformed: Malformed;
  closed: unknown;
}

/** The table of a watcher's session. It ends with the call; pending requests get no answer. */
export const LIVE_CALLS = {
  watching: {
    opened: ["watching", "over"],
    "client:joinCall": "watching",
    "client:endCall": "watching",
    recorded: ["watching", "over"],
    outcome: "watching",
    malformed: "watching",
    closed: "over",
  },
  over: {},
} as const satisfies Table<LiveCallsState, keyof LiveCallsEvents>;
