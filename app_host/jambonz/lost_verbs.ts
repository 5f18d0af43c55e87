/**
 * Verbs that may be lost with the socket. jambonz fails a hook whose socket closes and never sends
 * it again, and what we sent into a dead socket never arrives: neither tells us anything.
 * @see https://github.com/jambonz/jambonz-feature-server/blob/main/lib/utils/ws-requestor.js
 * @module
 */
import { type Command, replaceBy, type Verb } from "../../protocols/jambonz/commands.ts";

/** Finds out whether jambonz still has something to do for its call. */
export class LostVerbs {
  #count = 0;
  #asked: { readonly id: string; readonly verbs: readonly Verb[] } | undefined;

  /**
   * Asks about verbs that have gone out, with a verb behind what runs that does nothing and says
   * when its turn has come: the hook of a gather that still runs comes before that. Nothing is to be
   * asked about none.
   */
  probe(verbs: readonly Verb[]): Command | undefined {
    if (verbs.length === 0) return undefined;
    const id = `/app/idle/${++this.#count}`;
    this.#asked = { id, verbs };
    return { ...replaceBy([{ verb: "config", id, notifyEvents: true }]), queueCommand: true };
  }

  /** jambonz has done with a verb of this id; gives those that are lost, if they still matter. */
  finished(id: string, awaited: readonly Verb[]): readonly Verb[] {
    if (this.#asked?.id !== id) return [];
    const { verbs } = this.#asked;
    this.#asked = undefined;
    return verbs.filter((verb) => awaited.includes(verb));
  }
}
