/**
 * Every URL of the server.
 * @module
 */
import { asyncApi } from "../http/documents/asyncapi.ts";
import { actionRoutes } from "./rest/call_actions.ts";
import { recordingRoutes } from "./rest/call_recording.ts";
import { transcriptRoutes } from "./rest/call_transcript.ts";
import { callsRoutes } from "./rest/calls.ts";
import { cdrRoutes } from "./rest/cdrs.ts";
import { contractRoutes } from "./rest/contracts.ts";
import { docsRoutes } from "../http/documents/docs_page.ts";
import { documentRoute } from "../http/documents/document_route.ts";
import { encryptionKeyRoutes } from "./rest/encryption_keys.ts";
import { clientTicketRoute } from "./rest/client_tickets.ts";
import { clientInboxRoute } from "./rest/client_inbox.ts";
import { eventRoutes } from "./rest/events.ts";
import { healthRoutes } from "./rest/health.ts";
import { inboundCallDoor } from "./doors/inbound_call.ts";
import { indexRoute } from "./rest/index.ts";
import { jambonzAudioDoor } from "./doors/jambonz_audio.ts";
import { jambonzDoor, jambonzSecretDoor } from "./doors/jambonz.ts";
import { liveCallsDoor } from "./doors/live_calls.ts";
import { notificationsDoor } from "./doors/notifications.ts";
import { openApi } from "../http/documents/openapi.ts";
import type { Services } from "./services.ts";
import { callbackSenders } from "./callback_senders.ts";
import { keyRoutes } from "./rest/keys.ts";
import { paymentRoutes } from "./rest/payments.ts";
import type { Route } from "../http/route.ts";
import { watchTokenRoutes } from "./rest/watch_tokens.ts";
import { webhookRoutes } from "./rest/webhooks.ts";

/** Builds every route of the server, and the documents of all of them. */
export function allRoutes(services: Services, further: readonly Route[] = []): Route[] {
  const routes: Route[] = [
    ...inboundCallDoor(services),
    ...jambonzDoor(services),
    ...jambonzAudioDoor(services),
    ...jambonzSecretDoor(services),
    ...liveCallsDoor(services),
    ...notificationsDoor(services),
    clientInboxRoute(services),
    ...encryptionKeyRoutes(services),
    clientTicketRoute(services),
    ...callsRoutes(services),
    ...transcriptRoutes(services),
    ...actionRoutes(services),
    ...recordingRoutes(services),
    ...watchTokenRoutes(services),
    ...cdrRoutes(services),
    ...eventRoutes(services),
    ...contractRoutes(services),
    ...paymentRoutes(services, callbackSenders(services)),
    ...webhookRoutes(services),
    ...keyRoutes(services),
    ...healthRoutes(services),
    ...further,
  ];
  routes.push(
    documentRoute("/openapi.json", "REST in OpenAPI 3.1", () => openApi(routes)),
    documentRoute("/asyncapi.json", "The WebSockets in AsyncAPI 3.0", () => asyncApi(routes)),
    ...docsRoutes(),
  );
  routes.push(indexRoute([...routes]));
  return routes;
}
