/**
 * Reads the announcement of a new call.
 * @module
 */
import type { NewCall } from "../../calls/call_record.ts";
import type { CallInfo } from "./messages.ts";

/** The call that a message announces; `callIdOf` finds the record of a parent's call_sid. */
export function newCall(
  platformId: string,
  data: CallInfo,
  callIdOf: (callSid: string) => string | undefined,
): NewCall {
  const parent = data.parent_call_sid ?? (data["parent_call_info"] as CallInfo)?.call_sid;
  const parentCallId = parent ? callIdOf(parent) : undefined;
  return {
    line: "jambonz",
    platformId,
    direction: data.direction === "outbound" ? "outbound" : "inbound",
    from: data.from || null,
    to: data.to || null,
    ...(parentCallId === undefined ? {} : { parentCallId }),
  };
}
