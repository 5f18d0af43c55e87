/**
 * Events for one client: as they are, or encrypted if the client has registered a public key.
 * @module
 */
import type { z } from "zod";
import type { ClientKey } from "../../encryption/client_key.ts";
import type { ClientKeys } from "../../encryption/client_keys.ts";
import { clientEvent } from "../../events/client_events.ts";
import type { StoredEvent } from "../../events/event_log.ts";
import type { SealedEvent } from "../../events/sealed_event.ts";

/** How many events a client with a key gets at once: each costs a millisecond. */
export const SEALED_PAGE_EVENTS = 100;

/** How many of them are under way to the thread that encrypts: others want it too. */
const AT_ONCE = 8;

/** An event that only the client can read. */
export async function sealedEvent(
  keys: ClientKeys,
  key: ClientKey,
  event: StoredEvent,
): Promise<z.input<typeof SealedEvent>> {
  return { id: event.id, jwe: await keys.seal(key, clientEvent(event)) };
}

/** Events that only the client can read. */
export async function sealedEvents(
  keys: ClientKeys,
  key: ClientKey,
  events: readonly StoredEvent[],
): Promise<z.input<typeof SealedEvent>[]> {
  const sealed: z.input<typeof SealedEvent>[] = [];
  for (let from = 0; from < events.length; from += AT_ONCE) {
    const slice = events.slice(from, from + AT_ONCE);
    sealed.push(...await Promise.all(slice.map((event) => sealedEvent(keys, key, event))));
  }
  return sealed;
}
