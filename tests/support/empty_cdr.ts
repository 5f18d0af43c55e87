/**
 * A CDR that says nothing.
 * @module
 */
import type { Cdr } from "../../calls/call_record.ts";

/** Nothing is known of the call. */
export const EMPTY_CDR: Cdr = {
  sessionId: null,
  source: null,
  destination: null,
  startTime: null,
  answerTime: null,
  endTime: null,
  durationSeconds: null,
  billableSeconds: null,
  disposition: null,
  hangupBy: null,
  hangupCauseCode: null,
  hangupCauseText: null,
  madeByUs: false,
  unread: [],
};
