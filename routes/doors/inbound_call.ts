/**
 * The inbound call door: `WS /`, and `/inbound` for hosts with one port.
 * @module
 */
import { madeUpCdr, normalCdr } from "../../calls/cdr.ts";
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
import { upgrade } from "../../session/serve.ts";
import type { Session } from "../../session/session.ts";
import { InboundAppCall } from "../../app_host/inbound/inbound_app_call.ts";
import { runApp } from "../../app_host/run_app.ts";
import { echoedSubprotocol } from "../../http/keys.ts";
import type { Services } from "../services.ts";
import { socket, type SocketRoute } from "../../http/route.ts";

/** The routes of the inbound call door. */
export function inboundCallRoutes(services: Services): SocketRoute[] {
  const { config, limits, observe, sessions } = services;
  const idleMs = Number.isFinite(config.INBOUND_IDLE_MS) ? config.INBOUND_IDLE_MS : 0;
  return ["/", "/inbound"].map((path) =>
    socket({
      path,
      door: "inbound call",
      summary: "A telephone platform hands us a call: JSON for signalling, binary frames for audio",
      guard: "key",
      wire: inboundCallWire,
      open: ({ request }) =>
        upgrade(request, {
          door: "inbound call",
          wire: inboundCallWire,
          protocol: inboundCall,
          context: (session: Session<InboundCallNotice>) => world(session, services),
          limits: { ...limits, idleMs },
          observe,
          sessions,
        }, echoedSubprotocol(request.headers)),
    })
  );
}

function world(session: Session<InboundCallNotice>, services: Services): InboundCallPorts {
  const { calls, now, failed, apps, log, recordings } = services;
  const writer = new CallWriter(calls, failed, services.stopping);
  const line = {
    refuses: (ask: Ask) => unsupported("inbound", ask),
    ask: (ask: Ask) => void session.notify(asked(ask)),
  };
  let appCall: InboundAppCall | undefined;
  let app: InboundApp | undefined;
  return {
    timeline: timeline(services),
    get app() {
      return app;
    },
    newSessionId: () => crypto.randomUUID(),
    begin(seed) {
      writer.begin(seed).then((call) => {
        const attached = calls.attach(call.id, line);
        const recorded = recordings.attach(session.id, call.id);
        session.ended.then(() => {
          attached[Symbol.dispose]();
          recorded[Symbol.dispose]();
        });
        const file = apps.choose("inbound", call);
        if (file !== undefined) {
          const held = appCall = new InboundAppCall(call, services, session);
          app = held.app(() => void runApp(apps.load(file), held, log));
        }
        session.notify({ kind: "recorded" });
      }).catch((error) => {
        failed(error);
        session.notify({ kind: "unrecorded" });
      });
    },
    answered() {
      writer.write(() => ({ type: "answered", actor: "us", data: {} }));
      writer.persistedOrStuck.then(() => {
        if (writer.call !== undefined) recordings.answered(writer.call.id);
        session.notify({ kind: "answer_recorded" });
      });
    },
    dtmf(digit, from) {
      const actor = from === "caller" ? "line" : "us";
      writer.write(() => ({ type: "dtmf", actor, data: { digit, from } }));
      if (from === "caller") appCall?.key(digit);
    },
    ended(by, reason) {
      // We hang up in these three cases. Any other end comes from the line.
      const actor = by === "us" || by === "watcher" || by === "operator" ? "us" : "line";
      if (reason === UNANSWERED) log.warn("app did not answer", { call: writer.call?.id });
      writer.write(() => ({ type: "ended", actor, data: { by, reason } }));
      appCall?.over(by);
    },
    cdr(received) {
      const cdr = normalCdr(received);
      writer.write(() => ({ type: "cdr", actor: "line", data: { cdr, received } }));
      writer.settled.then(() => {
        session.notify({ kind: "cdr_recorded", persisted: writer.call !== undefined });
      });
    },
    noCdr() {
      writer.write((call) => ({
        type: "cdr",
        actor: "us",
        data: { cdr: madeUpCdr(call, now()) },
      }));
    },
  };
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
