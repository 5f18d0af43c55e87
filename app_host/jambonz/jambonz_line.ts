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

/**
 * Has jambonz open a socket for the caller's audio, whatever else it does. Audio that we send is
 * ignored without a word, unless it was asked for as a stream.
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
