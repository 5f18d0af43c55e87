/**
 * The call detail record (CDR) that the platform sends last.
 * @module
 */
import type { InboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { cdrIn, type Manner } from "./manners.ts";
import type { Sent } from "../peer/peer_socket.ts";

/** An ended call. */
export interface EndedCall {
  readonly sessionId: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: Date;
  readonly answeredAt: Date | undefined;
  readonly endedAt: Date;
  readonly endedBy: "caller" | "server";
}

/** The CDR of a call, worded in this manner. */
export function cdrOf(manner: Manner, call: EndedCall): Sent<InboundCallWire> {
  return cdrIn(manner, documented(call));
}

/** The CDR by the document: its cause code is a string. */
function documented(call: EndedCall) {
  const { startedAt, answeredAt, endedAt } = call;
  const seconds = (from: Date) => Math.round((+endedAt - +from) / 1000);
  return {
    event: "cdr" as const,
    sessionId: call.sessionId,
    source: call.from,
    destination: call.to,
    startTime: startedAt.toISOString(),
    answerTime: answeredAt?.toISOString() ?? null,
    endTime: endedAt.toISOString(),
    duration: seconds(startedAt),
    billableSeconds: answeredAt === undefined ? 0 : seconds(answeredAt),
    disposition: answeredAt === undefined ? "NO ANSWER" : "ANSWERED",
    hangupBy: call.endedBy === "caller" ? "CALLER" : "CALLEE",
    hangupCauseCode: "16",
    hangupCauseText: "Normal clearing",
  };
}
