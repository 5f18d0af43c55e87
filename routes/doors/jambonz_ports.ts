/**
 * The ports of a jambonz session: the record of its call, and its app.
 * @module
 */
import { NOT_FOR_THIS_NUMBER, seesCall } from "../../access/bounds.ts";
import type { Holder } from "../../access/holder.ts";
import type { CallRecord, EndedBy, NewCall, RecordEvent, Role } from "../../calls/call_record.ts";
import { type Ask, asked, type Line } from "../../calls/line.ts";
import { JOINED } from "../../calls/live_call.ts";
import { CallWriter } from "../../calls/writer.ts";
import {
  type JambonzNotice,
  type JambonzPorts,
  type JambonzTimes,
  type News,
  type Question,
  type Resumed,
  TTS_STREAM,
} from "../../protocols/jambonz/ports.ts";
import type { JambonzAppCall } from "../../app_host/jambonz/jambonz_app_call.ts";
import type { JambonzLine } from "../../app_host/jambonz/jambonz_line.ts";
import type { Session } from "../../session/session.ts";
import type { Services } from "../services.ts";
import { beginLimited, NoRoom } from "./begin_limited.ts";
import { writeCdr } from "../../calls/reconnects.ts";

/** The line event that records that the caller was greeted: a reconnect does not greet again. */
const GREETED = "greeted";

/** The path and the key of jambonz's request, if any. */
export interface Approach {
  readonly path: string;
  readonly holder: Holder | undefined;
}

/** The world of one jambonz session, which is also the line of its call. */
export class JambonzCallPorts implements JambonzPorts, JambonzLine, Line {
  readonly times: JambonzTimes;
  readonly path: string;
  isOpen = true;
  readonly #holder: Holder | undefined;
  readonly #session: Session<JambonzNotice>;
  readonly #services: Services;
  #writes: CallWriter | undefined;
  #attached: Disposable | undefined;
  #newer: Set<string> | undefined;

  constructor(
    session: Session<JambonzNotice>,
    services: Services,
    { path, holder }: Approach,
    times: JambonzTimes,
  ) {
    this.#session = session;
    this.#services = services;
    this.path = path;
    this.#holder = holder;
    this.times = times;
  }

  async begin(seed: NewCall, lost?: Promise<CallRecord | undefined>): Promise<void> {
    if (!seesCall(this.#holder?.bounds, seed, this.#services.config.DEFAULT_COUNTRY)) {
      return this.#session.hangUp(1008, NOT_FOR_THIS_NUMBER);
    }
    try {
      const beginning = { seed, holder: this.#holder, writer: this.#writer, lost };
      const call = await beginLimited(beginning, this.#services);
      const isBack = lost !== undefined && await lost !== undefined;
      this.#opened(call);
      if (isBack) {
        const events = this.#services.calls.events(call.id);
        return void this.notify({ kind: "recorded", resumed: resumed(call, events) });
      }
      this.#attach(call);
      this.notify({ kind: "recorded" });
    } catch (error) {
      if (!(error instanceof NoRoom)) this.#services.failed(error);
      this.notify({ kind: "unrecorded" });
    }
  }

  beginAgain(seed: NewCall): void {
    const bounds = this.#holder?.bounds;
    if (!seesCall(bounds, seed, this.#services.config.DEFAULT_COUNTRY)) {
      return this.#session.hangUp(1008, NOT_FOR_THIS_NUMBER);
    }
    const sees = bounds && ((call: CallRecord) => seesCall(bounds, call));
    this.begin(seed, this.#services.calls.reopen("jambonz", seed.platformId, sees));
  }

  resume(callSid: string): Resumed | undefined {
    const { calls, reconnects } = this.#services;
    const call = calls.byPlatformId("jambonz", callSid);
    if (call === undefined || call.state === "ended") return undefined;
    if (!seesCall(this.#holder?.bounds, call)) return undefined;
    reconnects.back(call);
    this.#writer.resume(call);
    this.#writer.write(() => ({ type: "line_back", actor: "line", data: {} }));
    this.#opened(call);
    return resumed(call, calls.events(call.id));
  }

  takeAsks(): void {
    // It may just have ended.
    const call = this.#openCall;
    if (call !== undefined) this.#attach(call);
  }

  goOn(): void {
    const { jambonzApps, failed } = this.#services;
    const { call } = this.#writer;
    if (call !== undefined) contained(() => jambonzApps.goOn(call, this), failed);
  }

  callIdOf(callSid: string): string | undefined {
    return this.#services.calls.byPlatformId("jambonz", callSid)?.id;
  }

  async question(question: Question, msgid: string): Promise<void> {
    let notice: JambonzNotice;
    try {
      const verbs = await this.#services.jambonzApps.ask(question, this.#writer.call!, this);
      notice = { kind: "verbs", msgid, verbs };
    } catch (error) {
      notice = { kind: "threw", msgid, error };
    }
    // Recorded before the greeting is sent: after a crash in between nobody is greeted twice.
    if (question.type === "session:new") this.greeted();
    await this.#writer.persistedOrStuck;
    if (this.notify(notice) || notice.kind !== "verbs") return;
    const { verbs } = notice;
    // The socket was lost meanwhile.
    this.#tellApp((app) => app.takeBack(verbs));
  }

  keep(msgid: string): void {
    this.#writer.persistedOrStuck.then(() => this.notify({ kind: "verbs", msgid, verbs: [] }));
  }

  tell(news: News): void {
    this.#tellApp((app) => app.tell(news));
  }

  fault(detail: string, error?: unknown): void {
    this.#services.log.error("application fault", { session: this.#session.id, detail, error });
    // The app may be waiting for the verbs that jambonz refuses.
    this.#tellApp((app) => {
      app.note(detail);
      app.giveUp();
    });
  }

  newer(kind: "verb" | "command", name: string): void {
    const known = this.#newer ??= new Set();
    if (known.has(`${kind} ${name}`)) return;
    known.add(`${kind} ${name}`);
    const fields = { session: this.#session.id, [kind]: name };
    this.#services.log.warn(`${kind} newer than the verb specifications`, fields);
  }

  greeted(): void {
    const { calls } = this.#services;
    this.#writer.write((call) =>
      calls.events(call.id).some(({ data }) => "type" in data && data.type === GREETED)
        ? undefined
        : { type: "line_event", actor: "us", data: { type: GREETED } }
    );
  }

  answered(): void {
    const writer = this.#writer;
    writer.write(({ answeredAt }) =>
      answeredAt === null ? { type: "answered", actor: "line", data: {} } : undefined
    );
    writer.persistedOrStuck.then(() => {
      if (writer.call !== undefined) this.#services.recordings.answered(writer.call.id);
    });
  }

  dtmf(digit: string, from: "caller" | "us"): void {
    const actor = from === "caller" ? "line" : "us";
    this.#writer.write(() => ({ type: "dtmf", actor, data: { digit, from } }));
  }

  transcript(role: Role, msg: string): void {
    const at = this.#services.now();
    this.#writer.write(({ answeredAt }) => {
      const offset = answeredAt === null ? {} : { offset: Math.max(0, +at - +answeredAt) };
      const actor = role === "assistant" ? "us" : "line";
      return { type: "transcript", actor, data: { msg, role, ...offset } };
    });
  }

  screeningEnded(msg: string): void {
    const { calls } = this.#services;
    this.#writer.write(({ id }) =>
      calls.screeningIsOver(id)
        ? { type: "line_event", actor: "us", data: { type: JOINED } }
        : { type: "screening_ended", actor: "us", data: { msg } }
    );
  }

  lineEvent(type: string, data: Readonly<Record<string, unknown>>): void {
    this.#writer.write(() => ({ type: "line_event", actor: "line", data: { ...data, type } }));
  }

  ended(by: EndedBy, reason: string): void {
    this.#writer.write(() => ({ type: "ended", actor: "line", data: { by, reason } }));
    writeCdr(this.#writer, this.#services.now);
  }

  lost(code: number): void {
    const { calls, reconnects } = this.#services;
    const writer = this.#writer;
    this.#session.ended.then(() => writer.settled).then(() => {
      const call = this.#openCall;
      // A call that is over, or back on another socket, has lost nothing.
      if (call === undefined || calls.hasLine(call.id)) return;
      writer.write(() => ({ type: "line_lost", actor: "line", data: { code } }));
      reconnects.expect(call, writer);
    });
  }

  get audio(): JambonzLine["audio"] {
    const { config, access } = this.#services;
    const url = config.JAMBONZ_AUDIO_URL ?? `${config.JAMBONZ_PATH}/audio`;
    const key = this.#holder && access.audioPassword(this.#writer.call!.id, this.#holder);
    return { url, key };
  }

  notify(notice: JambonzNotice): boolean {
    return this.#session.notify(notice);
  }

  ask(ask: Ask): void {
    this.notify(asked(ask));
    // Somebody else's verbs replace the app's.
    if (ask.kind === "redirect") this.#tellApp((app) => app.interrupted());
  }

  /** Dialling needs a number. */
  refuses(ask: Ask): string | undefined {
    if (ask.kind !== "join" || ask.number !== null) return undefined;
    return "Cannot join this call: no phone number is known for you; " +
      "send your id in the header x-user-id, and set JOIN_NUMBERS";
  }

  get #writer(): CallWriter {
    const { calls, failed, stopping } = this.#services;
    return this.#writes ??= new CallWriter(calls, failed, stopping);
  }

  /** The call, unless it is over: another socket may have ended it, which the writer does not know. */
  get #openCall(): CallRecord | undefined {
    const call = this.#services.calls.call(this.#writer.call?.id ?? "");
    return call?.state === "ended" ? undefined : call;
  }

  #opened({ id }: CallRecord): void {
    const hold = this.#services.calls.hold(id);
    const writer = this.#writer;
    this.#session.ended.then(() => writer.settled).then(() => hold[Symbol.dispose]());
    this.#session.ended.then(() => {
      this.isOpen = false;
      this.#attached?.[Symbol.dispose]();
    });
  }

  #attach(call: CallRecord): void {
    this.#attached = this.#services.calls.attach(call.id, this);
    this.#tellApp((app) => app.attached(this));
  }

  /** Tells the app that runs on the call, if one does. */
  #tellApp(tell: (app: JambonzAppCall) => void): void {
    const { jambonzApps, failed } = this.#services;
    const { call } = this.#writer;
    const app = call && jambonzApps.of(call.id);
    if (app !== undefined) contained(() => tell(app), failed);
  }
}

/** The recorded state of a call that comes back. */
function resumed({ answeredAt }: CallRecord, events: readonly RecordEvent[]): Resumed {
  const lineEvents = events.flatMap(({ type, data }) => type === "line_event" ? [data] : []);
  const stream = lineEvents.findLast(({ type }) => type === TTS_STREAM);
  return {
    greeted: lineEvents.some(({ type }) => type === GREETED),
    answered: answeredAt !== null,
    streaming: stream?.["event_type"] === "stream_open",
  };
}

function contained(run: () => void, failed: (error: unknown) => void): void {
  try {
    run();
  } catch (error) {
    failed(error);
  }
}
