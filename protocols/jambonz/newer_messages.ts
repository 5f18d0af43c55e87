/**
 * Messages of servers that are newer than we are: noted, told, and acked in case jambonz waits for
 * it.
 * @module
 */
import { Newer } from "./messages.ts";
import type { JambonzWorld } from "./world.ts";

/** So much of a type that we do not know is logged. */
const TYPE_CHARACTERS = 64;

/** The messages of one call that are newer than we are. */
export class NewerMessages {
  readonly #world: Pick<JambonzWorld, "lineEvent" | "oddity" | "tell">;
  /** The types that are in the record. */
  readonly #types = new Set<string>();

  constructor(world: Pick<JambonzWorld, "lineEvent" | "oddity" | "tell">) {
    this.#world = world;
  }

  /** Takes one in; returns the msgid that waits for an ack, if there is one. */
  take(received: Readonly<Record<string, unknown>>, state: string): string | undefined {
    const parsed = Newer.safeParse(received);
    if (!parsed.success) return void this.#world.oddity("unknown type", state);
    const { type, msgid, hook, data = {} } = parsed.data;
    this.#world.oddity(`unknown ${type.slice(0, TYPE_CHARACTERS)}`, state);
    if (state !== "talking") return undefined;
    // Once in the record: such messages may come with every word.
    if (!this.#types.has(type)) this.#world.lineEvent(type, {});
    this.#types.add(type);
    this.#world.tell({ type, hook, data });
    return msgid;
  }
}
