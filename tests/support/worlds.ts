/**
 * Ports of the protocols that do nothing and record their calls.
 * @module
 */
import type { CallRecord, NewRecordEvent, RecordEvent } from "../../calls/call_record.ts";
import {
  DOCUMENT_TIMELINE,
  type InboundCallNotice,
  type InboundCallPorts,
  type Timeline,
} from "../../protocols/inbound_call/ports.ts";
import {
  DEFAULT_JAMBONZ_TIMES,
  type JambonzNotice,
  type JambonzPorts,
  type Resumed,
} from "../../protocols/jambonz/ports.ts";
import type { LiveCallsPorts } from "../../protocols/live_calls/ports.ts";
import type { NotificationsPorts } from "../../protocols/notifications/ports.ts";

/** The recorded calls, in order: the name of the method and its arguments. */
export type Told = unknown[][];

/** The rows of one name, without the name. */
export function toldOf(told: Told, name: string): Told {
  return told.filter(([other]) => other === name).map(([, ...rest]) => rest);
}

/** The ports of an inbound call. */
export function inboundWorld(
  timeline: Partial<Timeline> = {},
): InboundCallPorts & { readonly told: Told; readonly promised: InboundCallNotice[] } {
  const told: Told = [];
  const promised: InboundCallNotice[] = [];
  return {
    told,
    promised,
    newSessionId: () => "ours",
    timeline: { ...DOCUMENT_TIMELINE, ...timeline },
    begin: (...said) => void told.push(["begin", ...said]),
    answered() {
      told.push(["answered"]);
      promised.push({ kind: "answer_recorded" });
    },
    dtmf: (...said) => void told.push(["dtmf", ...said]),
    ended: (...said) => void told.push(["ended", ...said]),
    cdr(...said) {
      told.push(["cdr", ...said]);
      promised.push({ kind: "cdr_recorded", persisted: true });
    },
    noCdr: () => void told.push(["noCdr"]),
  };
}

/** The ports of a jambonz call; `known` are the calls whose sockets were lost, by call_sid. */
export function jambonzWorldOf(
  known: Readonly<Record<string, Resumed>> = {},
): JambonzPorts & { readonly told: Told; readonly promised: JambonzNotice[] } {
  const told: Told = [];
  const promised: JambonzNotice[] = [];
  return {
    told,
    promised,
    keep: (msgid) => void promised.push({ kind: "verbs", msgid, verbs: [] }),
    times: DEFAULT_JAMBONZ_TIMES,
    begin: (...said) => void told.push(["begin", ...said]),
    beginAgain: (...said) => void told.push(["begin", ...said]),
    resume: (callSid) => {
      told.push(["resume", callSid]);
      return known[callSid];
    },
    takeAsks: () => void told.push(["takeAsks"]),
    goOn: () => void told.push(["goOn"]),
    callIdOf: (callSid) => callSid in known ? `id of ${callSid}` : undefined,
    question: (...said) => void told.push(["question", ...said]),
    tell: (...said) => void told.push(["tell", ...said]),
    fault: (...said) => void told.push(["fault", ...said]),
    newer: (...said) => void told.push(["newer", ...said]),
    greeted: () => void told.push(["greeted"]),
    answered: () => void told.push(["answered"]),
    dtmf: (...said) => void told.push(["dtmf", ...said]),
    transcript: (...said) => void told.push(["transcript", ...said]),
    screeningEnded: (...said) => void told.push(["screeningEnded", ...said]),
    lineEvent: (...said) => void told.push(["lineEvent", ...said]),
    ended: (...said) => void told.push(["ended", ...said]),
    lost: (...said) => void told.push(["lost", ...said]),
  };
}

/** The ports of a watcher. */
export function liveCallsWorld(
  past: readonly RecordEvent[] = [],
  call: CallRecord = aCall(),
): LiveCallsPorts & { readonly told: Told } {
  const told: Told = [];
  return {
    told,
    past,
    call,
    numbered: false,
    ask: (...said) => void told.push(["ask", ...said]),
  };
}

/** The ports of a notifications client. */
export function notificationsWorld(): NotificationsPorts & { readonly told: Told } {
  const told: Told = [];
  return {
    told,
    askStatus: (...said) => void told.push(["askStatus", ...said]),
  };
}

const START = new Date("2026-11-21T08:00:00.000Z");

/** A call. */
export function aCall(changes: Partial<CallRecord> = {}): CallRecord {
  return {
    id: "call-1",
    line: "inbound",
    platformId: "session-1",
    direction: "inbound",
    from: "0712345678",
    to: "5000",
    fromE164: "+254712345678",
    toE164: null,
    state: "ringing",
    startedAt: START,
    answeredAt: null,
    endedAt: null,
    endedBy: null,
    cdr: null,
    liveConversationToken: "token",
    lastSeq: 0,
    ...changes,
  };
}

/** An event of a record: `seq` seconds after the start. */
export function anEvent(seq: number, event: NewRecordEvent): RecordEvent {
  return { ...event, seq, at: new Date(START.getTime() + seq * 1000) };
}
