/**
 * Requests to a call in progress, and the line that carries them out.
 * @module
 */
import type { EndAsker, LineName } from "./call_record.ts";

/** A request of a watcher, REST or an app to a call. */
export type Ask =
  /** By a watcher, unless `by` says otherwise. */
  | { readonly kind: "end"; readonly by?: EndAsker }
  /** `number` is null when the user's number is unknown. */
  | { readonly kind: "join"; readonly number: string | null }
  | { readonly kind: "digits"; readonly digits: string; readonly durationMs: number }
  | { readonly kind: "interrupt" }
  /** Checked verbs that replace the running ones. */
  | { readonly kind: "redirect"; readonly verbs: readonly Instruction[] };

/** A request as a session's notice, such as `ask:end`. */
export type AskNotice = Ask extends infer A
  ? A extends Ask ? { readonly kind: `ask:${A["kind"]}`; readonly ask: A } : never
  : never;

/** The notice for a request. */
export function asked(ask: Ask): AskNotice {
  return { kind: `ask:${ask.kind}`, ask } as AskNotice;
}

/** A verb of a line that takes verbs. */
export interface Instruction {
  readonly verb: string;
  readonly [property: string]: unknown;
}

/** The session that holds a call's line. */
export interface Line {
  /** Why it cannot do this now, for people; undefined when it can. */
  refuses(ask: Ask): string | undefined;
  /** Puts it in the session's inbox. */
  ask(ask: Ask): void;
}

/** Why no line of this kind can ever do this, for people; undefined when one can. */
export function unsupported(line: LineName, ask: Ask): string | undefined {
  if (line === "jambonz") return undefined;
  if (ask.kind === "redirect") {
    return "Cannot redirect this call: its line is inbound audio, which takes no verbs";
  }
  if (ask.kind === "join") {
    return "Cannot join this call: its line is inbound audio, which cannot be bridged yet";
  }
  return undefined;
}
