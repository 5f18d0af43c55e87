/**
 * What a `call:status` means for the call's record.
 * @module
 */
import type { EndedBy } from "../../calls/call_record.ts";
import type { CallInfo } from "./messages.ts";
import type { Outlet } from "./outlet.ts";
import type { JambonzPorts } from "./ports.ts";

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

/** How a call has ended. */
export interface StatusEnd {
  readonly by: EndedBy;
  readonly reason: string;
}

/** Takes in a status of the call itself; returns how it says that the call has ended, if it does. */
export function takeStatus(
  data: CallInfo,
  outlet: Outlet,
  ports: Pick<JambonzPorts, "answered" | "lineEvent">,
): StatusEnd | undefined {
  const meaning = statusMeaning(data);
  switch (meaning.kind) {
    case "answered":
      outlet.answered();
      ports.answered();
      return undefined;
    case "progress":
      ports.lineEvent("call:status", meaning.data);
      return undefined;
    case "ended":
      return { by: outlet.hasDeclined ? "us" : meaning.by, reason: meaning.reason };
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
