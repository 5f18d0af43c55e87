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
  readonly #ports: Pick<JambonzPorts, "lineEvent" | "tell">;
  /** The types that have come. */
  readonly #types = new Set<string>();

  constructor(ports: Pick<JambonzPorts, "lineEvent" | "tell">) {
    this.#ports = ports;
  }

  /**
   * Takes one in.
   * @param isOnCall whether it is about a call, whose record notes it and whose app is told
   * @returns what is to be reported, and the msgid that waits for an ack, if there is one
   */
  take(
    received: Readonly<Record<string, unknown>>,
    isOnCall: boolean,
  ): { readonly what: string; readonly msgid?: string | undefined } {
    const parsed = Newer.safeParse(received);
    if (!parsed.success) return { what: "unknown type" };
    const { type, msgid, hook, data = {} } = parsed.data;
    const isNew = !this.#types.has(type);
    const isNoted = !isNew || (this.#types.size < MOST_TYPES && type.length <= TYPE_CHARACTERS);
    if (isNoted) this.#types.add(type);
    // Once in the record: such messages may come with every word.
    if (isNew && isNoted && isOnCall) this.#ports.lineEvent(type, {});
    if (isOnCall) this.#ports.tell({ type, hook, data });
    return { what: isNoted ? `unknown ${type}` : "unknown type", ...(isOnCall && { msgid }) };
  }
}
