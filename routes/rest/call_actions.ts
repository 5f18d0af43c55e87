/**
 * Actions on a call over HTTP: hangup, interrupt, send_digits, redirect, note.
 * @module
 */
import { z } from "zod";
import type { Calls } from "../../calls/calls.ts";
import type { CallRecord } from "../../calls/call_record.ts";
import { type Ask, unsupported } from "../../calls/line.ts";
import type { Outcome } from "../../calls/live_call.ts";
import { Verb } from "../../protocols/jambonz/commands.ts";
import { faultOfSize, faultOfVerbs } from "../../protocols/jambonz/verbs.ts";
import { findLiveCall } from "./calls.ts";
import type { Services } from "../services.ts";
import { Refused } from "../../http/problem.ts";
import { http, type HttpRoute } from "../../http/route.ts";

const Hangup = z.object({ action: z.literal("hangup") }).meta({
  id: "ActionHangup",
  description: "Ends the call",
});
const Interrupt = z.object({ action: z.literal("interrupt") }).meta({
  id: "ActionInterrupt",
  description: "Drops the audio and the verbs in progress",
});
const SendDigits = z.object({
  action: z.literal("send_digits"),
  digits: z.string().regex(/^[0-9*#]{1,64}$/, "1 to 64 of 0-9, * and #"),
  duration_ms: z.number().int().min(1).max(1000).default(200).describe("The length of each tone"),
}).meta({ id: "ActionSendDigits", description: "Sends tones to the far end, one after the other" });
const Redirect = z.object({ action: z.literal("redirect"), verbs: z.array(Verb).min(1) }).meta({
  id: "ActionRedirect",
  description:
    "Replaces the verbs that run; for jambonz calls only. Verbs of newer jambonz servers are " +
    "accepted as far as @jambonz/schema 0.4.15 knows them",
});
const Note = z.object({
  action: z.literal("note"),
  text: z.string().trim().min(1).max(10_000).meta({ pattern: "\\S" }),
}).meta({ id: "ActionNote", description: "Writes a note in the call's record" });

/** An action on a call. */
export const CallAction = z.discriminatedUnion("action", [
  Hangup,
  Interrupt,
  SendDigits,
  Redirect,
  Note,
]).meta({ id: "CallAction", description: "An action on a call", examples: [{ action: "hangup" }] });
type CallAction = z.output<typeof CallAction>;

/** The action is recorded, and was sent to the line. */
export const ActionAccepted = z.object({
  accepted: z.literal(true),
  call_id: z.string(),
  action: z.string(),
}).meta({
  id: "ActionAccepted",
  description: "The action is in the call's record, and is carried out",
});

/** The actor, and the message id of the request: a repeated message acts once. */
interface Request {
  readonly actor: string;
  readonly messageId: string;
  readonly operation: string | undefined;
}

/** The route of actions. */
export function actionRoutes({ calls }: Pick<Services, "calls">): HttpRoute[] {
  return [
    http({
      method: "POST",
      path: "/api/v1/calls/:id/actions",
      summary: "Acts on a call: hangup, interrupt, send_digits, redirect, note",
      scope: "calls:control",
      body: CallAction,
      answers: { 202: ActionAccepted },
      async answer(visit, { body }) {
        checkVerbs(body);
        const { actor, operation, requestId } = visit;
        const call = await findLiveCall(calls, visit, body.action);
        await act(calls, call, body, { actor, messageId: operation ?? requestId, operation });
        return accepted(call, body.action);
      },
    }),
  ];
}

/** The answer to an action on a call. */
export function accepted({ id }: CallRecord, action: string): Response {
  const answer: z.input<typeof ActionAccepted> = { accepted: true, call_id: id, action };
  return Response.json(answer, { status: 202 });
}

/** @throws {Refused} 409 when the call is over or its line does not support it */
async function act(
  calls: Calls,
  call: CallRecord,
  action: CallAction,
  request: Request,
): Promise<void> {
  const { operation, actor, messageId } = request;
  if (action.action === "note") {
    const data = { text: action.text, messageId };
    await calls.record(call.id, { type: "note", actor, data }, operation);
    return;
  }
  const ask = askOf(action);
  const refusal = unsupported(call.line, ask) ?? tooEarly(call, ask);
  if (refusal !== undefined) throw new Refused(409, refusal);
  if (ask.kind === "digits" || ask.kind === "redirect") {
    // The line records the action; this note first records who requested it.
    const repeated = calls.events(call.id).some(({ type, actor: by, data }) =>
      type === "note" && by === actor && data["messageId"] === messageId
    );
    // Accepted before a crash: acting once is better than twice.
    if (repeated) return;
    const { action: text, ...asked } = action;
    const data = { text, messageId, ...asked };
    await calls.record(call.id, { type: "note", actor, data }, operation);
  }
  const outcome = await new Promise<Outcome>((resolve) =>
    calls.asks.make(call.id, ask, { actor, messageId }, resolve)
  );
  if (!outcome.accepted) throw new Refused(409, outcome.why);
}

function askOf(action: Exclude<CallAction, { action: "note" }>): Ask {
  switch (action.action) {
    case "hangup":
      return { kind: "end", by: "operator" };
    case "interrupt":
      return { kind: "interrupt" };
    case "send_digits":
      return { kind: "digits", digits: action.digits, durationMs: action.duration_ms };
    case "redirect":
      return { kind: "redirect", verbs: action.verbs };
  }
}

/** An inbound call accepts tones only after our answer. */
function tooEarly({ id, line, state }: CallRecord, { kind }: Ask): string | undefined {
  if (kind !== "digits" || line !== "inbound" || state !== "ringing") return undefined;
  return `Cannot send digits to call ${id}: it has not been answered`;
}

/** @throws {Refused} 422 for verbs that jambonz would refuse */
function checkVerbs(action: CallAction): void {
  if (action.action !== "redirect") return;
  const { verbs } = action;
  const fault = faultOfVerbs(verbs) ?? faultOfSize({
    type: "command",
    command: "redirect",
    queueCommand: false,
    data: verbs,
  });
  if (fault === undefined) return;
  throw new Refused(422, `Cannot redirect: jambonz would refuse the verbs: ${fault}`, {
    errors: [{ field: "verbs", message: fault }],
  });
}
