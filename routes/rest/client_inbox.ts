/**
 * A client's inbox over HTTP: what has happened to its contracts, for clients that poll.
 * @module
 */
import { z } from "zod";
import { ClientEvent } from "../../events/schemas.ts";
import { SealedEvent } from "../../events/sealed_event.ts";
import { checkClient } from "../seen_client.ts";
import { http, type HttpRoute } from "../../http/route.ts";
import { e164OrText } from "../../phone/number.ts";
import { listAnswer, type ListServices } from "./list_answer.ts";
import type { Services } from "../services.ts";
import { SEALED_PAGE_EVENTS, sealedPart } from "./sealed_events.ts";

/** The query parameters of a client's inbox. */
export const InboxQuery = z.object({
  after: z.coerce.number().int().nonnegative().default(0)
    .describe("The last event_id that the client knows"),
  limit: z.coerce.number().int().min(1).max(1000).default(100)
    .describe(`At most; ${SEALED_PAGE_EVENTS} for a client with an encryption key`),
});

/**
 * Everything about a client's contracts, in the words of REST. The notifications door says only what
 * its document has: that a status has changed.
 */
export const Inbox = z.object({
  events: z.array(z.union([ClientEvent, SealedEvent]))
    .describe("Encrypted, all of them, if the client has registered a public key"),
  after: z.number().int().nonnegative().describe("Ask with this for what comes next"),
}).meta({
  id: "ClientInbox",
  description:
    "What has happened to a client's contracts and payments, oldest first. The id of an " +
    "event is its event_id on the client's socket",
});

/** The route of inboxes. */
export function clientInboxRoute(
  services: ListServices & Pick<Services, "clientKeys" | "config" | "store">,
): HttpRoute {
  const { clientKeys, config, store: { pages } } = services;
  return http({
    method: "GET",
    path: "/api/v1/clients/:id/inbox",
    summary: "What has happened to a client's contracts, for clients that come back or poll",
    scope: "notifications",
    query: InboxQuery,
    answers: { 200: Inbox },
    answer({ request, params: { id = "" }, holder }, { query: { after, limit } }) {
      const { DEFAULT_COUNTRY: country } = config;
      checkClient(id, holder, country);
      const clientId = e164OrText(id, country);
      const filter = { clientId, bounds: holder?.bounds };
      const key = clientKeys.of(clientId);
      return listAnswer({ request, holder }, {
        read: (afterId = after, limit, signal) =>
          key === undefined
            ? pages.events({ afterId, filter, limit, form: "json" }, signal)
            : sealedPart(clientKeys, key, pages, { afterId, filter, limit }, signal),
        after,
        limit: key === undefined ? limit : Math.min(limit, SEALED_PAGE_EVENTS),
        open: '{"events":[',
        close: ({ last }) => `],"after":${last ?? after}}`,
      }, services);
    },
  });
}
