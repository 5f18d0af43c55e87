/**
 * The list of every URL.
 * @module
 */
import { Tickets } from "../calls/tickets.ts";
import { asyncApi } from "./asyncapi.ts";
import { callsRoutes } from "./calls.ts";
import { contractRoutes } from "./contracts.ts";
import { documentRoute } from "./documents.ts";
import { healthRoutes } from "./health.ts";
import { inboundCallRoutes } from "./inbound_call.ts";
import { indexRoute } from "./index.ts";
import { jambonzRoutes } from "./jambonz.ts";
import { liveCallsRoutes } from "./live_calls.ts";
import { notificationsRoutes } from "./notifications.ts";
import type { Parts } from "./parts.ts";
import { paymentRoutes } from "./payments.ts";
import type { Route } from "./route.ts";

/** Every route of the server. */
export function allRoutes(parts: Parts): Route[] {
  const tickets = new Tickets(parts.now);
  const routes: Route[] = [
    ...inboundCallRoutes(parts),
    ...jambonzRoutes(parts),
    ...liveCallsRoutes(parts, tickets),
    ...notificationsRoutes(parts),
    ...callsRoutes(parts, tickets),
    ...contractRoutes(parts.contracts),
    ...paymentRoutes(parts.contracts),
    ...healthRoutes(parts),
  ];
  routes.push(documentRoute("/asyncapi.json", "The four doors in AsyncAPI 3.0", asyncApi(routes)));
  return [...routes, indexRoute(routes)];
}
