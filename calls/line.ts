/**
 * What can be asked of a call in progress, and the line that carries it out.
 * @module
 */

/** Something that a watcher, REST or an app wants of a call. */
export type Ask =
  | { readonly kind: "end" }
  /** `number` is null where nobody knows where the user is to be called. */
  | { readonly kind: "join"; readonly number: string | null }
  | { readonly kind: "digits"; readonly digits: string; readonly durationMs: number }
  | { readonly kind: "interrupt" };

/** The session that holds a call's line. */
export interface Line {
  /** Why it cannot do this, in words for a person; undefined when it can. */
  refuses(ask: Ask): string | undefined;
  /** Takes what is asked into its inbox. */
  ask(ask: Ask): void;
}
