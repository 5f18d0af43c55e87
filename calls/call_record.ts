/**
 * A call: a line, two numbers, a state, and an append-only record of events.
 * @module
 */
import { z } from "zod";

/** The door a call came in by. */
export const LineName = z.enum(["inbound", "jambonz"]).describe("The line the call came in on");
/** The door a call came in by. */
export type LineName = z.infer<typeof LineName>;

/** The state of a call. */
export const CallState = z.enum(["ringing", "answered", "screening", "handed_over", "ended"])
  .describe("Where the call stands");
/** The state of a call. */
export type CallState = z.infer<typeof CallState>;

/** The moves of a call's state, in the form of a session's machine. */
export const CALL_MOVES: { readonly [From in CallState]: readonly CallState[] } = {
  ringing: ["answered", "screening", "handed_over", "ended"],
  answered: ["screening", "handed_over", "ended"],
  screening: ["answered", "handed_over", "ended"],
  handed_over: ["ended"],
  ended: [],
};

/** Who speaks: the server's voice, the far end of the line, or the person who watches and joins. */
export const Role = z.enum(["assistant", "other", "user"])
  .describe("assistant: our voice; other: the far end of the line; user: who watches and joins");
/** Who speaks. */
export type Role = z.infer<typeof Role>;

/** The state of a call's recording. */
export const RecordingState = z.enum(["on", "over"]);
/** The state of a call's recording. */
export type RecordingState = z.infer<typeof RecordingState>;

/** Who ended a call. */
export const EndedBy = z.enum(["caller", "callee", "us", "watcher", "operator", "lost"]).describe(
  "Who ended the call: `watcher` at the live calls door, `operator` over REST; " +
    "`lost` when the line's socket died",
);
/** Who ended a call. */
export type EndedBy = z.infer<typeof EndedBy>;

/** Who may end a call: a watcher at its door, an operator over REST, or a limit of ours. */
export const EndAsker = EndedBy.extract(["watcher", "operator", "us"]);
/** Who may end a call. */
export type EndAsker = z.infer<typeof EndAsker>;

const data = {
  started: z.object({ direction: z.enum(["inbound", "outbound"]) }),
  answered: z.object({}),
  dtmf: z.object({ digit: z.string(), from: z.enum(["caller", "us"]) }),
  transcript: z.object({
    msg: z.string(),
    role: Role,
    offset: z.number().int().nonnegative().optional()
      .describe("Milliseconds since the call was answered"),
  }),
  screening_started: z.object({}),
  screening_ended: z.object({ msg: z.string() }),
  watched: z.object({ userId: z.string().nullable(), productVersion: z.string().nullable() }),
  join_requested: z.object({ messageId: z.string(), number: z.string().nullable() }),
  end_requested: z.object({
    messageId: z.string(),
    by: EndAsker.optional().describe("A watcher, where it is missing"),
  }),
  interrupted: z.object({}),
  line_lost: z.object({ code: z.number().int() }),
  line_back: z.object({
    state: CallState.optional()
      .describe("Where a call stands again that had been given up as lost"),
  }),
  line_event: z.looseObject({ type: z.string() }),
  note: z.looseObject({ text: z.string() }),
  remembered: z.object({
    memory: z.record(z.string(), z.unknown())
      .describe("All that the call's app remembers from now on"),
  }),
  recording_started: z.object({}),
  recording_ended: z.object({
    durationMs: z.number().int().nonnegative(),
    bytes: z.number().int().nonnegative().describe("Of the file; 0 where there is none"),
    reason: z.string(),
  }),
  ended: z.object({ by: EndedBy, reason: z.string() }),
  cdr: z.object({ cdr: z.looseObject({}), received: z.unknown().optional() }),
} as const;

/** The types of events that a record holds. */
export type CallEventType = keyof typeof data;

/** What each type of event says, for documents and checks. */
export const CALL_EVENT_DATA: typeof data = data;

/** One event before the record has numbered it. */
export type NewRecordEvent = {
  [Type in CallEventType]: {
    readonly type: Type;
    /** Who did it: `line`, `us`, or a watcher's name. */
    readonly actor: string;
    readonly data: z.output<(typeof data)[Type]>;
  };
}[CallEventType];

/** One event of a call's record: numbered from 1 without gaps. */
export type RecordEvent = NewRecordEvent & { readonly seq: number; readonly at: Date };

/** What is known of a call at its start. */
export interface NewCall {
  readonly line: LineName;
  /** The platform's own id: `sessionId`, `call_sid`. */
  readonly platformId: string;
  readonly direction: "inbound" | "outbound";
  /** As received; null when the platform sends none, as for a withheld number. */
  readonly from: string | null;
  readonly to: string | null;
  /** The call whose child leg this one is. */
  readonly parentCallId?: string;
}

/** A call in its present state. */
export interface CallRecord extends NewCall {
  readonly id: string;
  readonly fromE164: string | null;
  readonly toE164: string | null;
  readonly state: CallState;
  readonly startedAt: Date;
  readonly answeredAt: Date | null;
  readonly endedAt: Date | null;
  readonly endedBy: EndedBy | null;
  readonly cdr: Cdr | null;
  /** Missing when it was never recorded. */
  readonly recording?: RecordingState;
  /** Opens the live calls door while the call lasts. */
  readonly liveConversationToken: string;
  /** The number of its last event. */
  readonly lastSeq: number;
}

/** Dispositions of a CDR, as the inbound call platform names them. */
export const Disposition = z.enum(["ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CANCEL"]);

/** A call detail record (CDR) in normal form: one shape for all platforms. */
export const Cdr = z.object({
  sessionId: z.string().nullable(),
  source: z.string().nullable(),
  destination: z.string().nullable(),
  startTime: z.string().nullable().describe("ISO 8601"),
  answerTime: z.string().nullable().describe("ISO 8601; null if never answered"),
  endTime: z.string().nullable().describe("ISO 8601"),
  durationSeconds: z.number().nonnegative().nullable(),
  billableSeconds: z.number().nonnegative().nullable(),
  disposition: Disposition.nullable(),
  hangupBy: z.enum(["CALLER", "CALLEE"]).nullable(),
  hangupCauseCode: z.number().int().nullable(),
  hangupCauseText: z.string().nullable(),
  madeByUs: z.boolean().describe("True when the platform sent none"),
  unread: z.array(z.string()).default([]).describe(
    "Fields of the platform's CDR that came and could not be read: they are null here, " +
      "and as they came in what was received",
  ),
}).meta({ id: "Cdr", description: "A call detail record in normal form" });
/** A call detail record in normal form. */
export type Cdr = z.infer<typeof Cdr>;
