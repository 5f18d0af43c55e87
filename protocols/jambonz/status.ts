/**
 * Reads a `call:status` for the call's record.
 * @module
 */
import type { EndedBy } from "../../calls/call_record.ts";
import type { CallInfo } from "./messages.ts";
import type { Outlet } from "./outlet.ts";
import type { JambonzPorts } from "./ports.ts";

/** How a call ended. */
export interface StatusEnd {
  readonly by: EndedBy;
  readonly reason: string;
}

/** Records a status of the call itself; returns how the call ended, if it did. */
export function takeStatus(
  data: CallInfo,
  outlet: Outlet,
  ports: Pick<JambonzPorts, "answered" | "lineEvent">,
): StatusEnd | undefined {
  const { call_status = "unknown", sip_status } = data;
  switch (call_status) {
    case "in-progress":
      outlet.answered();
      ports.answered();
      return undefined;
    case "completed":
    case "failed":
    case "busy":
    case "no-answer":
      return { by: outlet.hasDeclined ? "us" : endedBy(data), reason: call_status };
    default:
      ports.lineEvent("call:status", { call_status, sip_status });
  }
}

/** Whether a status is for a leg that we dialled: it has its own call_sid, and a parent. */
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
