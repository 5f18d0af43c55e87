/**
 * Calls: everything acknowledged is in the record once, and the record is complete.
 * @module
 */
import { equal } from "@std/assert";
import type { HookLog, InboundLog, JambonzLog, Logs, SegmentLog } from "./logs.ts";
import type { DatabaseRecord, RecordedCall, RecordedEvent } from "./record.ts";

/** The faults of the calls; each names its call. */
export function* callFaults(logs: Logs, record: DatabaseRecord): Generator<string> {
  const calls = Map.groupBy(record.calls, ({ platformId }) => platformId);
  const made = new Set<string>();
  for (const log of logs.inbound) {
    made.add(log.sessionId);
    const found = calls.get(log.sessionId) ?? [];
    yield* countFaults(log.sessionId, log.answered, found);
    if (found[0] !== undefined) yield* inboundFaults(log, found[0]);
  }
  for (const log of logs.jambonz) {
    made.add(log.callSid);
    const found = calls.get(log.callSid) ?? [];
    yield* countFaults(log.callSid, log.acks > 0, found);
    if (found[0] !== undefined) yield* jambonzFaults(log, found[0]);
  }
  const byId = new Map(record.calls.map((call) => [call.id, call]));
  for (const log of logs.segments) yield* segmentFaults(log, byId.get(log.callId));
  for (const call of record.calls) {
    if (!made.has(call.platformId)) yield `${call.platformId}: is in the record, nobody called`;
    for (const fault of recordFaults(call)) yield `${call.platformId}: ${fault}`;
  }
}

function* countFaults(name: string, acknowledged: boolean, found: readonly RecordedCall[]) {
  if (acknowledged && found.length === 0) yield `${name}: acknowledged, not in the record`;
  if (found.length > 1) yield `${name}: is in the record ${found.length} times`;
}

/** The faults that any ended call may have. */
function* recordFaults(call: RecordedCall): Generator<string> {
  let previous: RecordedEvent | undefined;
  for (const event of call.events) {
    const due = (previous?.seq ?? 0) + 1;
    if (event.seq !== due) yield `number ${event.seq} comes where ${due} is due`;
    if (previous !== undefined && event.id <= previous.id) {
      yield `number ${event.seq} is out of order`;
    }
    previous = event;
  }
  const count = (type: string) => call.events.filter((event) => event.type === type).length;
  if (call.events[0]?.type !== "started") yield "does not begin with started";
  if (call.state !== "ended" || call.open) yield `stays open, in the state ${call.state}`;
  for (const type of ["ended", "cdr"]) {
    if (count(type) !== 1) yield `has ${count(type)} events of the type ${type}`;
  }
  if (count("answered") > 1) yield `has ${count("answered")} events of the type answered`;
}

function* inboundFaults(log: InboundLog, call: RecordedCall): Generator<string> {
  const { sessionId: name } = log;
  yield* numberFaults(name, log, call);
  const acknowledged = log.cdr !== null && log.closedWith === 1000;
  const digits = digitsOf(call);
  // Messages after our hangup have no meaning.
  const whole = acknowledged && !log.hangupHeard;
  if (whole ? digits !== log.digits : !log.digits.startsWith(digits)) {
    yield `${name}: pressed ${log.digits}, recorded are ${digits}`;
  }
  const cdr = call.events.find(({ type }) => type === "cdr")?.data as CdrData | undefined;
  if (cdr === undefined) return;
  if (acknowledged && cdr.cdr.madeByUs) yield `${name}: its acknowledged CDR is not in the record`;
  if (!cdr.cdr.madeByUs && !equal(cdr.received, log.cdr)) {
    yield `${name}: the recorded CDR is not the one that was sent`;
  }
}

interface CdrData {
  readonly cdr: { readonly madeByUs: boolean };
  readonly received?: unknown;
}

function* jambonzFaults(log: JambonzLog, call: RecordedCall): Generator<string> {
  const { callSid: name } = log;
  yield* numberFaults(name, log, call);
  if (log.greetings > 1) yield `${name}: was greeted ${log.greetings} times`;
  // A server killed between recording and sending the greeting does not greet again.
  const firstAckLost = log.acks === log.reconnects;
  if (log.acks > 0 && log.greetings === 0 && !firstAckLost) yield `${name}: was never greeted`;
  const digits = digitsOf(call);
  if (!digitsPattern(log.hooks).test(digits)) {
    const sent = log.hooks.map((hook) => hook.acknowledged ? hook.digits : `(${hook.digits})`);
    yield `${name}: pressed ${sent.join("")}, recorded are ${digits}`;
  }
  const heard = call.events.filter(({ type, data }) =>
    type === "transcript" && data["role"] === "other"
  ).map(({ data }) => data["msg"]);
  yield* speechFaults(name, log.hooks, heard);
  const backs = call.events.filter(({ type }) => type === "line_back").length;
  // An unrecorded call starts when it reconnects.
  if (backs < log.reconnects - (firstAckLost ? 1 : 0)) {
    yield `${name}: came back ${log.reconnects} times, recorded are ${backs}`;
  }
  const cdr = call.events.find(({ type }) => type === "cdr")?.data as CdrData | undefined;
  if (cdr?.cdr.madeByUs === false) yield `${name}: has a CDR that nobody sent`;
}

function* speechFaults(
  name: string,
  hooks: readonly HookLog[],
  heard: readonly unknown[],
): Generator<string> {
  const said = hooks.filter(({ speech }) => speech !== null);
  for (const { speech, acknowledged } of said) {
    const times = heard.filter((msg) => msg === speech).length;
    if (times > 1) yield `${name}: "${speech}" is in the record ${times} times`;
    if (acknowledged && times === 0) yield `${name}: "${speech}" was acknowledged, not recorded`;
  }
  const order = said.map(({ speech }) => speech).filter((speech) => heard.includes(speech));
  if (!equal(order, heard)) yield `${name}: recorded is ${heard.join()}, said was ${order.join()}`;
}

function* segmentFaults(log: SegmentLog, call: RecordedCall | undefined): Generator<string> {
  const { text, seq } = log;
  const found = (call?.events ?? []).filter(({ data }) => data["msg"] === text);
  if (found.length > 1) yield `${text}: is in the record ${found.length} times`;
  if (seq !== null && found[0]?.seq !== seq) {
    yield `${text}: was answered to be number ${seq}, recorded is ${found[0]?.seq}`;
  }
}

function* numberFaults(
  name: string,
  { from, to }: { from: string; to: string },
  { doc }: RecordedCall,
): Generator<string> {
  if (doc["from"] !== from || doc["to"] !== to) {
    yield `${name}: recorded are other numbers than were given`;
  }
}

function digitsOf({ events }: RecordedCall): string {
  return events.filter(({ type, data }) => type === "dtmf" && data["from"] === "caller")
    .map(({ data }) => data["digit"]).join("");
}

/** All acknowledged digits are there, and any prefix of the others. */
function digitsPattern(hooks: readonly HookLog[]): RegExp {
  const parts = hooks.map(({ digits, acknowledged }) =>
    acknowledged ? digits : [...digits].reduceRight((rest, digit) => `(?:${digit}${rest})?`, "")
  );
  return new RegExp(`^${parts.join("")}$`);
}
