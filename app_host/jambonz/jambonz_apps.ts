/**
 * The apps that run on jambonz calls: one for each call, over all its sockets.
 * @module
 */
import greeting from "../../apps/greeting.ts";
import type { CallRecord } from "../../calls/call_record.ts";
import { replaceBy, type Verb } from "../../protocols/jambonz/commands.ts";
import type { Question } from "../../protocols/jambonz/ports.ts";
import type { AppCallPorts } from "../app_call_ports.ts";
import type { Apps } from "../apps.ts";
import { runApp } from "../run_app.ts";
import { JambonzAppCall } from "./jambonz_app_call.ts";
import { APP_DONE, type JambonzLine } from "./jambonz_line.ts";

/** The running apps of a server's jambonz calls. A call without an app of its own is greeted. */
export class JambonzApps {
  readonly #apps: Apps;
  readonly #ports: AppCallPorts;
  readonly #running = new Map<string, JambonzAppCall>();

  constructor(apps: Apps, ports: AppCallPorts) {
    this.#apps = apps;
    this.#ports = ports;
  }

  /** The call with its app; undefined when no app runs on it. */
  of(callId: string): JambonzAppCall | undefined {
    return this.#running.get(callId);
  }

  /** Asks the call's app for verbs, and starts it if none runs. */
  ask(
    question: Question,
    call: CallRecord,
    line: JambonzLine,
  ): readonly Verb[] | Promise<readonly Verb[]> {
    const { type } = question;
    const running = this.of(call.id);
    if (running !== undefined) {
      return type === "session:redirect" ? running.redirected() : running.ask(question, line);
    }
    switch (type) {
      case "dial:confirm":
        return [];
      case "verb:hook":
        // No app runs in the middle of a call: the server was restarted.
        return this.#lacks(call) === "app" ? this.#start(call, line, true).ask(question, line) : [];
      default:
        return this.#start(call, line, false).ask(question, line);
    }
  }

  /** A call reconnected without a question; after a restart its app starts again. */
  goOn(call: CallRecord, line: JambonzLine): void {
    if (this.#running.has(call.id)) return;
    const lacks = this.#lacks(call);
    if (lacks === "app") this.#start(call, line, true);
    if (lacks !== "end") return;
    const command = { ...replaceBy([{ verb: "hangup" }]), queueCommand: true };
    line.notify({ kind: "command", command });
  }

  #start(record: CallRecord, line: JambonzLine, resumed: boolean): JambonzAppCall {
    const { calls, log } = this.#ports;
    const call = new JambonzAppCall(record, line, this.#ports, resumed);
    this.#running.set(call.id, call);
    calls.follow(call.id, ({ type }) => type === "ended" && this.#running.delete(call.id));
    const file = this.#apps.choose("jambonz", record, line.path);
    runApp(file === undefined ? greeting : this.#apps.load(file), call, log);
    return call;
  }

  /** What a call without a running app needs: its app again, its end, or nothing. */
  #lacks({ id, state }: CallRecord): "app" | "end" | undefined {
    const events = this.#ports.calls.events(id);
    // A watcher or operator has the call: the line carries out what they asked.
    if (state === "handed_over" || events.some(({ type }) => type === "end_requested")) return;
    // The last verbs may have been lost with the server.
    return events.some(({ data }) => "type" in data && data.type === APP_DONE) ? "end" : "app";
  }
}
