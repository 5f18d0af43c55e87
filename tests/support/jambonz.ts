/**
 * A jambonz server's side of a script.
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";
import { jambonzWire } from "../../protocols/jambonz/messages.ts";
import { jambonz } from "../../protocols/jambonz/session.ts";
import type { Resumed } from "../../protocols/jambonz/ports.ts";
import { Script } from "./script.ts";
import { jambonzWorldOf } from "./worlds.ts";

export const SID = "sid-a";
/** The call information of the scripted call. */
export const CALL = { call_sid: SID, from: "+15083084809", to: "1001", direction: "inbound" };
export const BEGUN = {
  line: "jambonz",
  platformId: SID,
  direction: "inbound",
  from: "+15083084809",
  to: "1001",
};
export const HELLO: Verb[] = [{ verb: "say", text: "Hello" }];
export const WAITING: Verb[] = [{ verb: "say", text: "One moment, please." }];
export const SORRY: Verb[] = [
  { verb: "say", text: "Sorry, something went wrong. Please call again later." },
  { verb: "hangup" },
];

/** A message of jambonz about the scripted call. */
export function message(type: string, msgid: string, data: unknown = CALL, more: object = {}) {
  return { type, msgid, call_sid: SID, data, ...more };
}

/** A `call:status` of the scripted call. */
export function status(call_status: string, more: object = {}) {
  return message("call:status", `status ${call_status}`, { ...CALL, call_status, ...more });
}

/** A conversation before its first event. */
export function connected(known: Readonly<Record<string, Resumed>> = {}) {
  const world = jambonzWorldOf(known);
  const script = new Script(jambonzWire, jambonz, world);
  return {
    script,
    told: world.told,
    /** The app answers a hook. */
    answer: (msgid: string, verbs: readonly Verb[]) =>
      script.notify({ kind: "verbs", msgid, verbs }),
  };
}

/** A conversation whose session:new, `m1`, has been acked, and whose call has been answered. */
export async function talking() {
  const call = connected();
  await call.script.hear(message("session:new", "m1"));
  await call.script.notify({ kind: "recorded" });
  await call.answer("m1", HELLO);
  await call.script.hear(status("in-progress"));
  call.told.length = 0;
  return call;
}

/** The message ids of every ack so far. */
export function acked({ script }: ReturnType<typeof connected>): string[] {
  return script.said.flatMap((said) => said.type === "ack" ? [said.msgid] : []);
}

/** The command that replaces the running verbs. */
export function redirect(data: Verb[]) {
  return { type: "command", command: "redirect", queueCommand: false, data } as const;
}
