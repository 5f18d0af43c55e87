/**
 * Messages of servers that are newer than we are: noted, told, and acked in case jambonz waits for
 * it.
 * @module
 */
import { Newer } from "./messages.ts";
import type { JambonzPorts } from "./ports.ts";

/** A longer type is none. */
const TYPE_CHARACTERS = 64;

/** No newer server has more types than this, nor longer ones: the rest is only counted. */
const MOST_TYPES = 32;

/** The messages of one call that are newer than we are. */
export class NewerMessages {
  readonly #ports: Pick<JambonzPorts, "lineEvent" | "oddity" | "tell">;
  /** The types that have come. */
  readonly #types = new Set<string>();

  constructor(ports: Pick<JambonzPorts, "lineEvent" | "oddity" | "tell">) {
    this.#ports = ports;
  }

  /** Takes one in; returns the msgid that waits for an ack, if there is one. */
  take(received: Readonly<Record<string, unknown>>, state: string): string | undefined {
    const parsed = Newer.safeParse(received);
    if (!parsed.success) return void this.#ports.oddity("unknown type", state);
    const { type, msgid, hook, data = {} } = parsed.data;
    const isNew = !this.#types.has(type);
    if (isNew && (this.#types.size === MOST_TYPES || type.length > TYPE_CHARACTERS)) {
      this.#ports.oddity("unknown type", state);
    } else {
      this.#types.add(type);
      this.#ports.oddity(`unknown ${type}`, state);
      // Once in the record: such messages may come with every word.
      if (isNew && state === "talking") this.#ports.lineEvent(type, {});
    }
    if (state !== "talking") return undefined;
    this.#ports.tell({ type, hook, data });
    return msgid;
  }
}
