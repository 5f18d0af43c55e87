/**
 * The state table of a watcher's session.
 * @module
 */
import type { EventsOf, Table } from "../../session/machine.ts";
import type { LiveCallsWire } from "./messages.ts";
import type { LiveCallsNotice } from "./ports.ts";

/** The states of a watcher's session. */
export type LiveCallsState = "watching" | "over";

/** The events of a watcher's session: the client's messages by their names, and ours. */
export type LiveCallsEvents = EventsOf<LiveCallsWire, LiveCallsNotice, never>;

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
