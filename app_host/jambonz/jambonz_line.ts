/**
 * The socket that a jambonz call is on, as its app reaches it.
 * @module
 */
import type { JambonzNotice } from "../../protocols/jambonz/ports.ts";

/** One socket of a call. A call may have several, one after the other. */
export interface JambonzLine {
  /** The path that jambonz has come to, such as `/jambonz`. */
  readonly path: string;
  /** Where jambonz finds our socket for this call's audio, and its password, if it needs one. */
  readonly audio: { readonly url: string; readonly key: string | undefined };
  /** Whether the session is still there. */
  readonly isOpen: boolean;
  /** Puts a notice in the session's inbox; false when the session has ended. */
  notify(notice: JambonzNotice): boolean;
}
