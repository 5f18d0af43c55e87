/**
 * Events for one client: as they are, or encrypted if the client has registered a public key.
 * @module
 */
import type { z } from "zod";
import type { ClientKey } from "../../encryption/client_key.ts";
import { seal } from "../../encryption/seal.ts";
import { clientEvent } from "../../events/client_events.ts";
import type { StoredEvent } from "../../events/event_log.ts";
import type { SealedEvent } from "../../events/sealed_event.ts";

/** How many events a client with a key gets at once: each costs a millisecond. */
export const SEALED_PAGE_EVENTS = 100;

/** An event that only the client can read. */
export async function sealedEvent(
  key: ClientKey,
  event: StoredEvent,
): Promise<z.input<typeof SealedEvent>> {
  return { id: event.id, jwe: await seal(key, clientEvent(event)) };
}
