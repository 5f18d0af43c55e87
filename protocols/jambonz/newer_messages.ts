/**
 * Messages of jambonz servers newer than this one: we record them, pass them to the app, and ack
 * them in case jambonz waits.
 * @module
 */
import { Newer } from "./messages.ts";
import type { JambonzPorts } from "./ports.ts";

/** Longer types are not recorded. */
const TYPE_CHARACTERS = 64;

/** The number of types that we record per call; more are only counted. */
const MOST_TYPES = 32;

/** The newer messages of one call. */
export class NewerMessages {
  readonly #ports: Pick<JambonzPorts, "lineEvent" | "tell">;
  readonly #types = new Set<string>();

  constructor(ports: Pick<JambonzPorts, "lineEvent" | "tell">) {
    this.#ports = ports;
  }

  /**
   * Handles a message.
   * @param isOnCall whether there is a call to record it in, and an app to notify
   * @returns what to report, and the msgid to ack, if there is one
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
    // Recorded once: messages like this may come with every word.
    if (isNew && isNoted && isOnCall) this.#ports.lineEvent(type, {});
    if (isOnCall) this.#ports.tell({ type, hook, data });
    return { what: isNoted ? `unknown ${type}` : "unknown type", ...(isOnCall && { msgid }) };
  }
}
