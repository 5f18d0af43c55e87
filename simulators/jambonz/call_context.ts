/**
 * What the verbs of a simulated jambonz call run on.
 * @module
 */
import type { CallInfo } from "../../protocols/jambonz/messages.ts";
import type { Timeline } from "../output/timeline.ts";
import type { SimulatedTime } from "../time/simulated_time.ts";
import type { CallAudio } from "./call_audio.ts";
import type { Connection } from "./connection.ts";
import type { Step } from "./script.ts";
import type { SpeechStream } from "./speech_stream.ts";

/** Speech services for which an account may have no credentials. */
export const LACKS = ["recogniser", "voice"] as const;
/** One of these. */
export type Lack = (typeof LACKS)[number];

/** Why a call is over, as in call:status. */
export interface Ending {
  readonly status: "completed" | "failed" | "busy" | "no-answer";
  readonly by: "caller" | "callee" | "application" | "jambonz";
}

/** One call. */
export interface CallContext {
  readonly connection: Connection;
  readonly speech: SpeechStream;
  readonly audio: CallAudio;
  readonly time: SimulatedTime;
  readonly timeline: Timeline;
  readonly info: CallInfo & { readonly call_sid: string };
  /** What the caller does. */
  readonly script: readonly Step[];
  /** What the account has no credentials for. */
  readonly lacks: readonly Lack[];
}
