/**
 * URLs that an app plays: jambonz fetches them.
 * @module
 */
import type { PlayEnd } from "../../calls/app.ts";
import type { Verb } from "../../protocols/jambonz/commands.ts";

/** What the plays need from their call. */
export interface UrlPlaysPorts {
  /** Distinguishes this run of the app from those before a restart; empty for the first. */
  readonly run: string;
  /** Sends a verb to jambonz. */
  emit(verb: Verb): void;
  /** A URL was heard to its end. */
  played(name: string): void;
}

interface Play {
  readonly name: string;
  readonly resolve: (end: PlayEnd) => void;
}

/** The plays of one run of an app, by their hooks. */
export class UrlPlays {
  readonly #ports: UrlPlaysPorts;
  readonly #plays = new Map<string, Play>();
  #count = 0;

  constructor(ports: UrlPlaysPorts) {
    this.#ports = ports;
  }

  /** Plays a URL after the running verbs. */
  play(url: string, name: string): Promise<PlayEnd> {
    const { run, emit } = this.#ports;
    // jambonz sends no hook for a URL that it cannot fetch, but a status when the verb ends.
    if (this.#count === 0) emit({ verb: "config", notifyEvents: true });
    const actionHook = `/app/played/${++this.#count}${run}`;
    const { promise, resolve } = Promise.withResolvers<PlayEnd>();
    this.#plays.set(actionHook, { name, resolve });
    emit({ verb: "play", id: actionHook, url, actionHook });
    return promise;
  }

  /** Handles a hook; true when it belongs to a play. */
  hear(hook: string, reason: unknown): boolean {
    return this.#settle(hook, reason === "playFailed" ? "failed" : "heard");
  }

  /** jambonz has finished the verb with this id. Its hook would have come before. */
  finished(id: string): void {
    this.#settle(id, "failed");
  }

  /** Nothing more will be heard. */
  drop(): void {
    for (const { resolve } of this.#plays.values()) resolve("dropped");
    this.#plays.clear();
  }

  #settle(hook: string, end: PlayEnd): boolean {
    const play = this.#plays.get(hook);
    if (play === undefined) return false;
    this.#plays.delete(hook);
    play.resolve(end);
    if (end === "heard") this.#ports.played(play.name);
    return true;
  }
}
