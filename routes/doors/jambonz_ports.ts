/**
 * What a jambonz session reaches: the record of its call, and the app that runs on it.
 * @module
 */
import type { CallRecord, NewCall, RecordEvent } from "../../calls/call_record.ts";
import { type Ask, asked } from "../../calls/line.ts";
import { JOINED } from "../../calls/live_call.ts";
import { CallWriter } from "../../calls/writer.ts";
import {
  DEFAULT_JAMBONZ_TIMES,
  type JambonzNotice,
  type JambonzPorts,
  type Resumed,
  TTS_STREAM,
} from "../../protocols/jambonz/ports.ts";
import type { JambonzAppCall } from "../../app_host/jambonz/jambonz_app_call.ts";
import type { JambonzLine } from "../../app_host/jambonz/jambonz_line.ts";
import type { Session } from "../../session/session.ts";
import type { Services } from "../services.ts";
import { writeCdr } from "../../calls/reconnects.ts";

/** The line event that says that the caller was greeted: a reconnect does not greet again. */
const GREETED = "greeted";

/** How jambonz came: the path, and the key that it showed, if any. */
export interface Approach {
  readonly path: string;
  readonly key: string | undefined;
}

/** Builds the world of one jambonz session. */
export function jambonzPorts(
  session: Session<JambonzNotice>,
  services: Services,
  { path, key }: Approach,
): JambonzPorts {
  const { calls, config, failed, jambonzApps, log, reconnects, recordings } = services;
  const writer = new CallWriter(calls, failed, services.stopping);
  let socket: JambonzLine | undefined;

  function attach(call: CallRecord): void {
    const line = {
      refuses,
      ask(ask: Ask) {
        session.notify(asked(ask));
        // Somebody else's verbs replace the app's.
        if (ask.kind === "redirect") tellApp((app) => app.interrupted());
      },
    };
    const attached = calls.attach(call.id, line);
    session.ended.then(() => attached[Symbol.dispose]());
    tellApp((app) => app.attached(socket!));
  }

  function begin(seed: NewCall, lost?: Promise<CallRecord | undefined>): void {
    writer.begin(seed, lost).then(async (call) => {
      socket = lineOf(session, call.id, { path, key }, services);
      if (await lost !== undefined) {
        const events = calls.events(call.id);
        return void session.notify({ kind: "recorded", resumed: resumed(call, events) });
      }
      attach(call);
      session.notify({ kind: "recorded" });
    }).catch((error) => {
      failed(error);
      session.notify({ kind: "unrecorded" });
    });
  }

  /** The call, unless it is over: another socket may have ended it, which the writer does not know. */
  function open(): CallRecord | undefined {
    const call = calls.call(writer.call?.id ?? "");
    return call?.state === "ended" ? undefined : call;
  }

  function fault(detail: string, error?: unknown): void {
    log.error("application fault", { session: session.id, detail, error });
    tellApp((app) => app.fault(detail));
  }

  /** Tells the app that runs on the call, if one does. */
  function tellApp(tell: (app: JambonzAppCall) => void): void {
    const app = writer.call && jambonzApps.of(writer.call.id);
    if (app !== undefined) contained(() => tell(app), failed);
  }

  function greeted(): void {
    writer.write((call) =>
      calls.events(call.id).some(({ data }) => "type" in data && data.type === GREETED)
        ? undefined
        : { type: "line_event", actor: "us", data: { type: GREETED } }
    );
  }

  const newer = new Set<string>();

  return {
    times: {
      ...DEFAULT_JAMBONZ_TIMES,
      sessionDeadlineMs: config.JAMBONZ_SESSION_DEADLINE_MS,
      hookDeadlineMs: config.JAMBONZ_HOOK_DEADLINE_MS,
    },
    begin: (seed) => begin(seed),
    beginAgain: (seed) => begin(seed, calls.reopen("jambonz", seed.platformId)),
    resume(callSid) {
      const call = calls.byPlatformId("jambonz", callSid);
      if (call === undefined || call.state === "ended") return undefined;
      reconnects.back(call);
      writer.resume(call);
      writer.write(() => ({ type: "line_back", actor: "line", data: {} }));
      socket = lineOf(session, call.id, { path, key }, services);
      return resumed(call, calls.events(call.id));
    },
    takeAsks() {
      // It may just have ended.
      const call = open();
      if (call !== undefined) attach(call);
    },
    goOn() {
      const { call } = writer;
      if (call !== undefined) contained(() => jambonzApps.goOn(call, socket!), failed);
    },
    callIdOf: (callSid) => calls.byPlatformId("jambonz", callSid)?.id,
    question(question, msgid) {
      const answer = async () => await jambonzApps.ask(question, writer.call!, socket!);
      const tell = async (notice: JambonzNotice) => {
        // Recorded before the greeting leaves: after a crash in between nobody is greeted twice.
        if (question.type === "session:new") greeted();
        await writer.persistedOrStuck;
        if (session.notify(notice) || notice.kind !== "verbs") return;
        // The socket was lost meanwhile.
        tellApp((app) => app.takeBack(notice.verbs));
      };
      answer().then(
        (verbs) => tell({ kind: "verbs", msgid, verbs }),
        (error) => tell({ kind: "threw", msgid, error }),
      );
    },
    keep(msgid) {
      writer.persistedOrStuck.then(() => session.notify({ kind: "verbs", msgid, verbs: [] }));
    },
    tell: (news) => tellApp((app) => app.tell(news)),
    fault,
    newer(kind, name) {
      if (newer.has(`${kind} ${name}`)) return;
      newer.add(`${kind} ${name}`);
      log.warn(`${kind} newer than the verb specifications`, { session: session.id, [kind]: name });
    },
    greeted,
    answered() {
      writer.write(({ answeredAt }) =>
        answeredAt === null ? { type: "answered", actor: "line", data: {} } : undefined
      );
      writer.persistedOrStuck.then(() => {
        if (writer.call !== undefined) recordings.answered(writer.call.id);
      });
    },
    dtmf(digit, from) {
      const actor = from === "caller" ? "line" : "us";
      writer.write(() => ({ type: "dtmf", actor, data: { digit, from } }));
    },
    transcript(role, msg) {
      const at = services.now();
      writer.write(({ answeredAt }) => {
        const offset = answeredAt === null ? {} : { offset: Math.max(0, +at - +answeredAt) };
        const actor = role === "assistant" ? "us" : "line";
        return { type: "transcript", actor, data: { msg, role, ...offset } };
      });
    },
    screeningEnded(msg) {
      writer.write(({ id }) =>
        calls.screeningIsOver(id)
          ? { type: "line_event", actor: "us", data: { type: JOINED } }
          : { type: "screening_ended", actor: "us", data: { msg } }
      );
    },
    lineEvent(type, data) {
      writer.write(() => ({ type: "line_event", actor: "line", data: { ...data, type } }));
    },
    ended(by, reason) {
      writer.write(() => ({ type: "ended", actor: "line", data: { by, reason } }));
      writeCdr(writer, services.now);
    },
    lost(code) {
      session.ended.then(() => writer.settled).then(() => {
        const call = open();
        // A call that is over, or back on another socket, has lost nothing.
        if (call === undefined || calls.hasLine(call.id)) return;
        writer.write(() => ({ type: "line_lost", actor: "line", data: { code } }));
        reconnects.expect(call, writer);
      });
    },
  };
}

function lineOf(
  session: Session<JambonzNotice>,
  callId: string,
  { path, key }: Approach,
  { config, keys }: Services,
): JambonzLine {
  const url = config.JAMBONZ_AUDIO_URL ?? `${config.JAMBONZ_PATH}/audio`;
  let isOpen = true;
  session.ended.then(() => isOpen = false);
  return {
    path,
    get isOpen() {
      return isOpen;
    },
    audio: { url, key: key === undefined ? undefined : keys.audioPassword(callId, key) },
    notify: (notice) => session.notify(notice),
  };
}

/** What the record says of a call that comes back. */
function resumed({ answeredAt }: CallRecord, events: readonly RecordEvent[]): Resumed {
  const lineEvents = events.flatMap(({ type, data }) => type === "line_event" ? [data] : []);
  const stream = lineEvents.findLast(({ type }) => type === TTS_STREAM);
  return {
    greeted: lineEvents.some(({ type }) => type === GREETED),
    answered: answeredAt !== null,
    streaming: stream?.["event_type"] === "stream_open",
  };
}

/** Dialling needs a number. */
function refuses(ask: Ask): string | undefined {
  if (ask.kind !== "join" || ask.number !== null) return undefined;
  return "Cannot join this call: no phone number is known for you; " +
    "say who you are in the header x-user-id, and set JOIN_NUMBERS";
}

function contained(run: () => void, failed: (error: unknown) => void): void {
  try {
    run();
  } catch (error) {
    failed(error);
  }
}
