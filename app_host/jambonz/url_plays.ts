/**
 * What an app plays by its URL, which jambonz fetches and plays by itself.
 * @module
 */
import type { PlayEnd } from "../../calls/app.ts";
import type { Verb } from "../../protocols/jambonz/commands.ts";

/** What these plays need of their call. */
export interface UrlPlaysPorts {
  /** Names the next hook. */
  hook(): string;
  /** Has jambonz carry out a verb. */
  emit(verb: Verb): void;
  /** One has been heard to its end. */
  played(name: string): void;
}

interface Play {
  readonly name: string;
  readonly resolve: (end: PlayEnd) => void;
}

/** The plays of one call, by their hooks. */
export class UrlPlays {
  readonly #ports: UrlPlaysPorts;
  readonly #plays = new Map<string, Play>();
  #hearsStatus = false;

  constructor(ports: UrlPlaysPorts) {
    this.#ports = ports;
  }

  /** Plays, behind what runs. */
  play(url: string, name: string): Promise<PlayEnd> {
    // jambonz sends no hook for a URL that it cannot fetch, but it says that the verb is over.
    if (!this.#hearsStatus) this.#ports.emit({ verb: "config", notifyEvents: true });
    this.#hearsStatus = true;
    const actionHook = this.#ports.hook();
    const { promise, resolve } = Promise.withResolvers<PlayEnd>();
    this.#plays.set(actionHook, { name, resolve });
    this.#ports.emit({ verb: "play", id: actionHook, url, actionHook });
    return promise;
  }

  /** A hook has come; true when it is of one of these. */
  hear(hook: string, reason: unknown): boolean {
    return this.#settle(hook, reason === "playFailed" ? "failed" : "heard");
  }

  /** jambonz has done with a verb of this id; the hook would have come before. */
  finished(id: string): void {
    this.#settle(id, "failed");
  }

  /** Nothing will be heard any more. */
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
