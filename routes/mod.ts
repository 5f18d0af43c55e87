/**
 * The list of every URL.
 * @module
 */
import { Tickets } from "../calls/tickets.ts";
import { asyncApi } from "./asyncapi.ts";
import { actionRoutes } from "./call_actions.ts";
import { recordingRoutes } from "./call_recording.ts";
import { transcriptRoutes } from "./call_transcript.ts";
import { callsRoutes } from "./calls.ts";
import { cdrRoutes } from "./cdrs.ts";
import { contractRoutes } from "./contracts.ts";
import { docsRoutes } from "./docs_page.ts";
import { documentRoute } from "./documents.ts";
import { eventRoutes } from "./events.ts";
import { healthRoutes } from "./health.ts";
import { inboundCallRoutes } from "./inbound_call.ts";
import { indexRoute } from "./index.ts";
import { jambonzAudioRoute } from "./jambonz_audio.ts";
import { jambonzRoutes } from "./jambonz.ts";
import { liveCallsRoutes } from "./live_calls.ts";
import { notificationsRoutes } from "./notifications.ts";
import { openApi } from "./openapi.ts";
import type { Parts } from "./parts.ts";
import { paymentRoutes } from "./payments.ts";
import type { Route } from "./route.ts";
import { watchTokenRoutes } from "./watch_tokens.ts";
import { webhookRoutes } from "./webhooks.ts";

/** Every route of the server. */
export function allRoutes(parts: Parts): Route[] {
  const tickets = new Tickets(parts.now);
  const routes: Route[] = [
    ...inboundCallRoutes(parts),
    ...jambonzRoutes(parts),
    jambonzAudioRoute(parts),
    ...liveCallsRoutes(parts, tickets),
    ...notificationsRoutes(parts),
    ...callsRoutes(parts),
    ...transcriptRoutes(parts),
    ...actionRoutes(parts),
    ...recordingRoutes(parts),
    ...watchTokenRoutes(parts, tickets),
    ...cdrRoutes(parts),
    ...eventRoutes(parts),
    ...contractRoutes(parts.contracts),
    ...paymentRoutes(parts.contracts),
    ...webhookRoutes(parts.webhooks),
    ...healthRoutes(parts),
  ];
  routes.push(
    documentRoute("/openapi.json", "REST in OpenAPI 3.1", () => openApi(routes)),
    documentRoute("/asyncapi.json", "The four doors in AsyncAPI 3.0", () => asyncApi(routes)),
    ...docsRoutes(),
  );
  routes.push(indexRoute([...routes]));
  return routes;
}
