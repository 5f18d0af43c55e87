/**
 * What an app plays by its URL: jambonz fetches and plays it.
 * @module
 */
import type { PlayEnd } from "../../calls/app.ts";
import type { Verb } from "../../protocols/jambonz/commands.ts";

/** What these plays need of their call. */
export interface UrlPlaysPorts {
  /** Tells this run of the app from those before a restart; empty for the first. */
  readonly run: string;
  /** Has jambonz carry out a verb. */
  emit(verb: Verb): void;
  /** One was heard to its end. */
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

  /** Plays, behind what runs. */
  play(url: string, name: string): Promise<PlayEnd> {
    const { run, emit } = this.#ports;
    // jambonz sends no hook for a URL that it cannot fetch, but it says when a verb is over.
    if (this.#count === 0) emit({ verb: "config", notifyEvents: true });
    const actionHook = `/app/played/${++this.#count}${run}`;
    const { promise, resolve } = Promise.withResolvers<PlayEnd>();
    this.#plays.set(actionHook, { name, resolve });
    emit({ verb: "play", id: actionHook, url, actionHook });
    return promise;
  }

  /** A hook has come; true when it is of one of these. */
  hear(hook: string, reason: unknown): boolean {
    return this.#settle(hook, reason === "playFailed" ? "failed" : "heard");
  }

  /** jambonz has finished a verb of this id. The hook would have come before. */
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
