/**
 * The socket that a jambonz call is on, as its app reaches it.
 * @module
 */
import type { JambonzNotice } from "../../protocols/jambonz/ports.ts";

/** The line event of an app that is done: the call goes on to its end without it. */
export const APP_DONE = "app done";

/** One socket of a call. A call may have several, one after the other. */
export interface JambonzLine {
  /** The path of the socket, such as `/jambonz`. */
  readonly path: string;
  /** The URL for this call's audio socket, and its password if one is needed. */
  readonly audio: { readonly url: string; readonly key: string | undefined };
  /** Whether the session is still open. */
  readonly isOpen: boolean;
  /** Puts a notice in the session's inbox; false when the session has ended. */
  notify(notice: JambonzNotice): boolean;
}

/**
 * Makes jambonz open a socket for the caller's audio beside its verbs. Without
 * `bidirectionalAudio.streaming` it silently ignores audio that we send.
 */
export function listenOptions({ audio: { url, key } }: JambonzLine): Record<string, unknown> {
  return {
    enable: true,
    url,
    ...(key === undefined ? {} : { wsAuth: { username: "tipring", password: key } }),
    sampleRate: 8000,
    mixType: "mono",
    passDtmf: true,
    bidirectionalAudio: { enabled: true, streaming: true, sampleRate: 8000 },
  };
}
