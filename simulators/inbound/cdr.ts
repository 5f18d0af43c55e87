/**
 * The call detail record (CDR) that the platform sends last.
 * @module
 */
import type { InboundCallWire } from "../../protocols/inbound_call/messages.ts";
import type { Sent } from "../peer/peer_socket.ts";

/** An ended call. */
export interface EndedCall {
  readonly sessionId: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: Date;
  readonly answeredAt: Date | undefined;
  readonly endedBy: "caller" | "server";
}

/** The CDR of a call that ends now, by the document: its cause code is a string. */
export function cdrOf(call: EndedCall): Sent<InboundCallWire> & { readonly event: "cdr" } {
  const { startedAt, answeredAt } = call;
  const endedAt = new Date();
  const seconds = (from: Date) => Math.round((+endedAt - +from) / 1000);
  return {
    event: "cdr",
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
