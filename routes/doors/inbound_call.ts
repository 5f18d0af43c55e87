/**
 * The inbound call door: `WS /`, and `/inbound` for hosts with one port.
 * @module
 */
import { NOT_FOR_THIS_NUMBER, seesCall } from "../../access/bounds.ts";
import { madeUpCdr, normalCdr } from "../../calls/cdr.ts";
import type { CallRecord, EndedBy, NewCall } from "../../calls/call_record.ts";
import { type Ask, asked, unsupported } from "../../calls/line.ts";
import { CallWriter } from "../../calls/writer.ts";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { inboundCall } from "../../protocols/inbound_call/session.ts";
import {
  type InboundApp,
  type InboundCallNotice,
  type InboundCallPorts,
  type Timeline,
  UNANSWERED,
} from "../../protocols/inbound_call/ports.ts";
import type { Session } from "../../session/session.ts";
import { InboundAppCall } from "../../app_host/inbound/inbound_app_call.ts";
import { runApp } from "../../app_host/run_app.ts";
import type { Services } from "../services.ts";
import { beginLimited, NoRoom } from "./begin_limited.ts";
import type { Holder } from "../../access/holder.ts";
import { AddressList } from "../../http/guards/address.ts";
import { inboundSecrets } from "./line_secrets.ts";
import { socket, type SocketRoute } from "../../http/route.ts";

/** The inbound call door. */
export function inboundCallDoor(services: Services): SocketRoute[] {
  const { config } = services;
  const idleMs = config.INBOUND_IDLE_MS;
  const times = timeline(services);
  const secrets = inboundSecrets(config);
  const from = new AddressList(config.INBOUND_FROM);
  const at = (paths: readonly string[]) =>
    socket({
      door: "inbound call",
      paths,
      from,
      always: !secrets.isEmpty,
      identify: ({ params }) => secrets.holderOf(params["secret"]),
      summary: "A telephone platform sends us a call: JSON for signalling, binary frames for audio",
      scope: "line:inbound",
      wire: inboundCallWire,
      protocol: inboundCall,
      limits: { idleMs: orNever(idleMs), firstMessageMs: orNever(config.LIMIT_FIRST_MESSAGE_MS) },
      admit: ({ holder }) => holder,
      ports: (session, holder) => new CallPorts(session, services, times, holder),
    });
  return [...at(["/", "/inbound"]), ...(secrets.isEmpty ? [] : at(["/inbound/:secret"]))];
}

/** A time that a socket's limits know; 0 is never. */
function orNever(ms: number): number {
  return Number.isFinite(ms) ? ms : 0;
}

/** Thousands of sockets wait for their call: the parts of a call are built when it begins. */
class CallPorts implements InboundCallPorts {
  readonly timeline: Timeline;
  readonly #session: Session<InboundCallNotice>;
  readonly #services: Services;
  readonly #holder: Holder | undefined;
  #writes: CallWriter | undefined;
  #appCall: InboundAppCall | undefined;
  #app: InboundApp | undefined;

  constructor(
    session: Session<InboundCallNotice>,
    services: Services,
    timeline: Timeline,
    holder: Holder | undefined,
  ) {
    this.timeline = timeline;
    this.#holder = holder;
    this.#session = session;
    this.#services = services;
  }

  get app(): InboundApp | undefined {
    return this.#app;
  }

  newSessionId(): string {
    return crypto.randomUUID();
  }

  begin(seed: NewCall): void {
    const { DEFAULT_COUNTRY } = this.#services.config;
    if (!seesCall(this.#holder?.bounds, seed, DEFAULT_COUNTRY)) {
      return this.#session.hangUp(1008, NOT_FOR_THIS_NUMBER);
    }
    const beginning = { seed, holder: this.#holder, writer: this.#writer };
    beginLimited(beginning, this.#services).then((call) => {
      this.#begun(call);
      this.#session.notify({ kind: "recorded" });
    }).catch((error) => {
      if (!(error instanceof NoRoom)) this.#services.failed(error);
      this.#session.notify({ kind: "unrecorded" });
    });
  }

  answered(): void {
    const writer = this.#writer;
    writer.write(() => ({ type: "answered", actor: "us", data: {} }));
    writer.persistedOrStuck.then(() => {
      if (writer.call !== undefined) this.#services.recordings.answered(writer.call.id);
      this.#session.notify({ kind: "answer_recorded" });
    });
  }

  dtmf(digit: string, from: "caller" | "us"): void {
    const actor = from === "caller" ? "line" : "us";
    this.#writer.write(() => ({ type: "dtmf", actor, data: { digit, from } }));
    if (from === "caller") this.#appCall?.key(digit);
  }

  ended(by: EndedBy, reason: string): void {
    // In these cases we hung up; any other end comes from the line.
    const actor = by === "us" || by === "watcher" || by === "operator" ? "us" : "line";
    if (reason === UNANSWERED) {
      this.#services.log.warn("app did not answer", { call: this.#writer.call?.id });
    }
    this.#writer.write(() => ({ type: "ended", actor, data: { by, reason } }));
    this.#appCall?.over(by);
  }

  cdr(received: Readonly<Record<string, unknown>>): void {
    const writer = this.#writer;
    const cdr = normalCdr(received);
    writer.write(() => ({ type: "cdr", actor: "line", data: { cdr, received } }));
    writer.settled.then(() => {
      this.#session.notify({ kind: "cdr_recorded", persisted: writer.call !== undefined });
    });
  }

  noCdr(): void {
    const { now } = this.#services;
    this.#writer.write((call) => ({
      type: "cdr",
      actor: "us",
      data: { cdr: madeUpCdr(call, now()) },
    }));
  }

  get #writer(): CallWriter {
    const { calls, failed, stopping } = this.#services;
    return this.#writes ??= new CallWriter(calls, failed, stopping);
  }

  #begun(call: CallRecord): void {
    const { apps, calls, log, recordings } = this.#services;
    const session = this.#session;
    const attached = calls.attach(call.id, {
      refuses: (ask: Ask) => unsupported("inbound", ask),
      ask: (ask: Ask) => void session.notify(asked(ask)),
    });
    const recorded = recordings.attach(session.id, call.id);
    const hold = calls.hold(call.id);
    const writer = this.#writer;
    session.ended.then(() => writer.settled).then(() => hold[Symbol.dispose]());
    session.ended.then(() => {
      attached[Symbol.dispose]();
      recorded[Symbol.dispose]();
    });
    const file = apps.choose("inbound", call);
    if (file === undefined) return;
    const held = this.#appCall = new InboundAppCall(call, this.#services, session);
    this.#app = held.app(() => void runApp(apps.load(file), held, log));
  }
}

function timeline({ config }: Services): Timeline {
  return {
    answerAfterMs: config.INBOUND_ANSWER_AFTER_MS,
    dtmfAfterMs: config.INBOUND_DTMF_AFTER_MS,
    dtmfDigit: config.INBOUND_DTMF_DIGIT,
    dtmfDurationMs: config.INBOUND_DTMF_DURATION_MS,
    hangupAfterMs: config.INBOUND_HANGUP_AFTER_MS,
    cdrWaitMs: config.INBOUND_CDR_WAIT_MS,
    appAnswersWithinMs: config.APP_ANSWERS_WITHIN_MS,
    echo: true,
  };
}
