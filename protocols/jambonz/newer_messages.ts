/**
 * Messages of servers that are newer than we are: noted, told, and acked in case jambonz waits for
 * it.
 * @module
 */
import { Newer } from "./messages.ts";
import type { JambonzWorld } from "./world.ts";

/** How much of a type that we do not know is logged and recorded. */
const TYPE_CHARACTERS = 64;
/** More types than any version of jambonz adds. Beyond them the record and the log have no names. */
const MOST_TYPES = 50;

/** The messages of one call that are newer than we are. */
export class NewerMessages {
  readonly #world: Pick<JambonzWorld, "lineEvent" | "oddity" | "tell">;
  /** The types that the log and the record name. */
  readonly #named = new Set<string>();
  readonly #recorded = new Set<string>();

  constructor(world: Pick<JambonzWorld, "lineEvent" | "oddity" | "tell">) {
    this.#world = world;
  }

  /** Takes one in; returns the msgid that waits for an ack, if there is one. */
  take(received: Readonly<Record<string, unknown>>, state: string): string | undefined {
    const parsed = Newer.safeParse(received);
    if (!parsed.success) return void this.#world.oddity("unknown type", state);
    const { type, msgid, hook, data = {} } = parsed.data;
    const name = type.slice(0, TYPE_CHARACTERS);
    if (this.#named.size < MOST_TYPES) this.#named.add(name);
    const isNamed = this.#named.has(name);
    this.#world.oddity(isNamed ? `unknown ${name}` : "unknown type", state);
    if (state !== "talking") return undefined;
    // Once in the record: such messages may come with every word.
    if (isNamed && !this.#recorded.has(name)) {
      this.#recorded.add(name);
      this.#world.lineEvent(name, {});
    }
    this.#world.tell({ type, hook, data });
    return msgid;
  }
}
