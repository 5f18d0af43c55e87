/**
 * What a `call:status` means for the call's record.
 * @module
 */
import type { EndedBy } from "../../calls/call.ts";
import type { CallInfo } from "./messages.ts";

/** A status as the record understands it. */
export type StatusMeaning =
  | { readonly kind: "progress"; readonly data: Readonly<Record<string, unknown>> }
  | { readonly kind: "answered" }
  | { readonly kind: "ended"; readonly by: EndedBy; readonly reason: string };

/** Reads a status of the call itself. */
export function statusMeaning(data: CallInfo): StatusMeaning {
  const status = data.call_status ?? "unknown";
  switch (status) {
    case "in-progress":
      return { kind: "answered" };
    case "completed":
    case "failed":
    case "busy":
    case "no-answer":
      return { kind: "ended", by: endedBy(data), reason: status };
    default:
      return { kind: "progress", data: { call_status: status, sip_status: data["sip_status"] } };
  }
}

/** Whether a status is of a leg that we have dialled: its own call_sid, and ours as its parent. */
export function isOtherLeg(data: CallInfo, callSid: string | undefined): boolean {
  return data.call_sid !== undefined && callSid !== undefined && data.call_sid !== callSid &&
    typeof data.parent_call_sid === "string";
}

function endedBy(data: CallInfo): EndedBy {
  switch (data.call_termination_by) {
    case "caller":
      return "caller";
    case "callee":
      return "callee";
    default:
      return data.call_status === "completed" ? "us" : "callee";
  }
}
