/**
 * Every event of every record as server-sent events: `/api/v1/events/stream`.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @module
 */
import { z } from "zod";
import { SealedEvent } from "../../events/sealed_event.ts";
import { CALL_TYPES, ClientEvent, CONTRACT_TYPES } from "../../events/schemas.ts";
import { e164OrText } from "../../phone/number.ts";
import type { EventFilter } from "../../events/event_log.ts";
import { EventReader, type EventSources } from "./event_reader.ts";
import { SealedStream } from "./sealed_events.ts";
import type { Services } from "../services.ts";
import { Refused } from "../../http/problem.ts";
import { http, type HttpRoute, mediaTypes, type Visit } from "../../http/route.ts";

const eventId = z.coerce.number().int().nonnegative();

const TYPES: readonly string[] = [...CALL_TYPES, ...CONTRACT_TYPES];

/** The query parameters of the stream. */
export const EventStreamQuery = z.object({
  type: z.string().min(1).refine((types) => unknownTypes(types).length === 0, {
    error: ({ input }) =>
      `no such type of event: ${unknownTypes(String(input)).join(", ")}; there are ${
        TYPES.join(", ")
      }`,
  }).optional().meta({
    description: "Only events of these types, comma separated",
    examples: ["transcript,ended"],
  }),
  call: z.string().min(1).optional().describe("Only events of this call"),
  contract: z.string().min(1).optional().describe("Only events of this contract"),
  client: z.string().min(1).optional().describe(
    "Only events of the contracts of this client of the notifications door, " +
      "and broadcasts",
  ),
  last_event_id: eventId.optional()
    .describe("For clients that cannot set the header Last-Event-ID, which overrides this"),
});

/** The data of one message of the stream. */
export const StreamedEvent = z.union([ClientEvent, SealedEvent]).meta({
  id: "StreamedEvent",
  description:
    "The data of each message; the message's id is the event's, its event the type. With " +
    "Last-Event-ID missed events come first, in order and once; without it the stream starts now. " +
    "With ?client= each is `encrypted`, if the client has registered a public key",
}).register(mediaTypes, { types: ["text/event-stream"] });

/** Comments show proxies and clients that the stream is alive. */
const HEARTBEAT_MS = 15_000;

/** The route of the stream. */
export function eventRoutes(
  services: EventSources & Pick<Services, "access" | "clientKeys" | "config" | "store">,
): HttpRoute[] {
  return [
    http({
      method: "GET",
      path: "/api/v1/events/stream",
      summary: "Every event of every record, as server-sent events",
      scope: "events:read",
      watches: true,
      query: EventStreamQuery,
      answers: { 200: StreamedEvent },
      answer(visit, { query }) {
        const afterId = lastEventId(visit) ?? query.last_event_id;
        if (services.stopping.aborted) throw new Refused(503, "The server is stopping");
        if (visit.request.method === "HEAD") return new Response(null, { headers: HEADERS });
        const filter = filterOf(query, services.config.DEFAULT_COUNTRY);
        const reader = new EventReader(services, {
          filter: { ...filter, bounds: visit.holder?.bounds },
          afterId,
          heartbeatMs: HEARTBEAT_MS,
          sealing: () => sealingOf(filter, services),
          stay: (end) => visit.holder && services.access.stay(visit.holder, end),
        });
        const stream = new ReadableStream(reader, { highWaterMark: 1 });
        return new Response(stream, { headers: HEADERS });
      },
    }),
  ];
}

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  // Keeps proxies from buffering the answer.
  "x-accel-buffering": "no",
};

/** @throws {Refused} 422 for a header that is not an event id */
function lastEventId({ request }: Visit): number | undefined {
  const header = request.headers.get("last-event-id");
  if (header === null || header === "") return undefined;
  const parsed = eventId.safeParse(header);
  if (parsed.success) return parsed.data;
  throw new Refused(422, "Last-Event-ID must be the id of an event", {
    errors: [{ field: "last-event-id", message: "a whole number" }],
  });
}

function namesIn(types: string): string[] {
  return types.split(",").map((name) => name.trim());
}

function unknownTypes(types: string): string[] {
  return namesIn(types).filter((name) => !TYPES.includes(name)).map((name) => `"${name}"`);
}

function filterOf(
  { type, call, contract, client }: z.output<typeof EventStreamQuery>,
  country: string | undefined,
): EventFilter {
  return {
    types: type === undefined ? undefined : namesIn(type),
    callId: call,
    contractId: contract,
    clientId: client === undefined ? undefined : e164OrText(client, country),
  };
}

/** One client's stream is encrypted, if the client has a key. */
function sealingOf(
  { clientId }: EventFilter,
  { clientKeys, store }: Pick<Services, "clientKeys" | "store">,
): SealedStream | undefined {
  const key = clientId === undefined ? undefined : clientKeys.of(clientId);
  return key && new SealedStream(clientKeys, key, store.pages);
}
