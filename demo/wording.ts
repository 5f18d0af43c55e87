/**
 * Words the lines of simulators for the demo, short enough for one line each.
 * @module
 */
import type { Entry } from "../simulators/output/timeline.ts";

type Detail = Readonly<Record<string, unknown>>;

/** The printed lines by direction and name; others are omitted. */
const WORDS: Readonly<Record<string, (detail: Detail) => string | undefined>> = {
  // The telephone platform.
  "-> incoming_call": ({ callerId, didNumber }) => `incoming_call ${callerId} calls ${didNumber}`,
  "<- answer": () => "answer",
  "<- first audio": () => "the first audio of the offer",
  "-> dtmf": ({ digit }) => `dtmf ${digit}`,
  "<- interrupt": () => "interrupt: the key stops the offer",
  "<- hangup": () => "hangup",
  "-> cdr": ({ disposition, duration, hangupBy }) =>
    `cdr ${disposition}, ${duration} s, hung up by ${hangupBy}`,
  // jambonz. The watcher's lines show what the caller hears.
  "-> session:new": ({ from, to }) => `session:new ${from} calls ${to}`,
  "-> session:reconnect": () => "session:reconnect",
  "<- ack": ({ to, verbs, ackId }) =>
    ackId === undefined ? `ack of ${to}: ${list(verbs)}` : `ack of ${ackId}`,
  "-> verb:hook": ({ digits, reason }) => `verb:hook ${digits ?? ""} (${reason})`,
  "-- no connection": () => "no connection",
  // Watchers.
  "<- event:start": ({ phone, seq }) => `event:start #${seq} ${phone}`,
  "<- transcript": ({ role, msg, seq }) => `transcript #${seq} ${role}: ${msg}`,
  "<- event:callEnd": ({ seq }) => `event:callEnd #${seq}`,
  // Parties.
  "<- contract_update": ({ contract_id, status, event_id }) =>
    `contract_update #${event_id} ${contract_id} ${status}`,
  "<- payment_update": ({ contract_id, status, amount, event_id }) =>
    `payment_update #${event_id} ${contract_id} ${amount} ${status}`,
  // All actors.
  "<- close": ({ code, reason }) => `close ${code} ${reason || lost(code)}`,
  "-> close": ({ code }) => `close ${code}`,
};

/** The line of an entry; `#` is its seq or event_id. Undefined for an omitted one. */
export function wording({ direction, what, detail, rule }: Entry): string | undefined {
  if (rule !== undefined) return `${rule}: ${what}: ${detail}`;
  return WORDS[`${direction} ${what}`]?.((detail ?? {}) as Detail)?.trimEnd();
}

function list(verbs: unknown): string {
  return Array.isArray(verbs) ? verbs.join(", ") : "no verbs";
}

/** The text for a close without a reason. */
function lost(code: unknown): string {
  return code === 1006 ? "(the connection is lost)" : "";
}
