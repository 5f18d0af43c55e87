/**
 * Webhooks over REST: subscriptions, and their deliveries.
 * @module
 */
import type { z } from "zod";
import { deliveryAnswer } from "../../webhooks/delivery_answer.ts";
import type { Webhooks } from "../../webhooks/webhooks.ts";
import * as schemas from "../../webhooks/schemas.ts";
import type { Delivery, Webhook } from "../../webhooks/webhook.ts";
import { http, type HttpRoute } from "../../http/route.ts";
import { listAnswer, type ListServices } from "./list_answer.ts";
import type { Services } from "../services.ts";

const BASE = "/api/v1/webhooks";

/** The routes of webhooks and their deliveries. */
export function webhookRoutes(services: WebhookServices): HttpRoute[] {
  return [...subscriptionRoutes(services.webhooks), ...deliveryRoutes(services)];
}

type WebhookServices = ListServices & Pick<Services, "store" | "webhooks">;

function subscriptionRoutes(webhooks: Webhooks): HttpRoute[] {
  return [
    http({
      method: "POST",
      path: BASE,
      summary: "Adds a webhook; the answer shows its secret, once",
      guard: "key",
      body: schemas.WebhookCreate,
      answers: { 201: schemas.WebhookCreated },
      async answer(visit, { body }) {
        const { webhook, secret } = await webhooks.create(body, visit.actor, visit.operation);
        const headers = { location: `${BASE}/${webhook.id}`, "cache-control": "no-store" };
        const answer = { ...webhookAnswer(webhook), secret };
        return Response.json(answer satisfies z.input<typeof schemas.WebhookCreated>, {
          status: 201,
          headers,
        });
      },
    }),
    http({
      method: "GET",
      path: BASE,
      summary: "Lists webhooks, newest first",
      guard: "key",
      answers: { 200: schemas.WebhookListAnswer },
      answer: async () => Response.json({ webhooks: (await webhooks.list()).map(webhookAnswer) }),
    }),
    http({
      method: "GET",
      path: `${BASE}/:id`,
      summary: "Reads a webhook",
      guard: "key",
      answers: { 200: schemas.WebhookAnswer },
      answer: async ({ params }) =>
        Response.json(webhookAnswer(await webhooks.get(params["id"] ?? ""))),
    }),
    http({
      method: "PUT",
      path: `${BASE}/:id`,
      summary: "Replaces a webhook's settings",
      guard: "key",
      body: schemas.WebhookChange,
      answers: { 200: schemas.WebhookAnswer },
      async answer(visit, { body }) {
        const changed = await webhooks.change(visit.params["id"] ?? "", body, visit.actor);
        return Response.json(webhookAnswer(changed));
      },
    }),
    http({
      method: "DELETE",
      path: `${BASE}/:id`,
      summary: "Removes a webhook with its deliveries",
      guard: "key",
      answers: { 204: schemas.Nothing },
      async answer(visit) {
        await webhooks.remove(visit.params["id"] ?? "", visit.actor);
        return new Response(null, { status: 204 });
      },
    }),
  ];
}

function deliveryRoutes(services: WebhookServices): HttpRoute[] {
  const { webhooks, store: { pages } } = services;
  return [
    http({
      method: "GET",
      path: `${BASE}/:id/deliveries`,
      summary: "Lists a webhook's deliveries, the latest event first",
      guard: "key",
      query: schemas.DeliveryListQuery,
      answers: { 200: schemas.DeliveryListAnswer },
      async answer({ request, params }, { query: { state, limit, cursor } }) {
        const { id: webhookId } = await webhooks.get(params["id"] ?? "");
        return await listAnswer(request, {
          read: (beforeEventId, limit, signal) =>
            pages.deliveries({ webhookId, state, beforeEventId, limit }, signal),
          after: cursor,
          limit,
          open: '{"deliveries":[',
          close: ({ last, isFollowed }) => isFollowed ? `],"next_cursor":"${last}"}` : "]}",
        }, services);
      },
    }),
    http({
      method: "GET",
      path: `${BASE}/:id/deliveries/:delivery_id`,
      summary: "Reads a delivery with its attempts",
      guard: "key",
      answers: { 200: schemas.DeliveryDetailAnswer },
      async answer({ params }) {
        const found = await webhooks.delivery(params["id"] ?? "", params["delivery_id"] ?? "");
        return Response.json(detailAnswer(found));
      },
    }),
    http({
      method: "POST",
      path: `${BASE}/:id/deliveries/:delivery_id/replay`,
      summary: "Sends a delivery again, under the same webhook-id",
      guard: "key",
      answers: { 202: schemas.DeliveryAnswer },
      async answer({ params }) {
        const replayed = await webhooks.replay(params["id"] ?? "", params["delivery_id"] ?? "");
        return Response.json(deliveryAnswer(replayed), { status: 202 });
      },
    }),
  ];
}

function webhookAnswer(webhook: Webhook): z.input<typeof schemas.WebhookAnswer> {
  const { id, url, types, description, enabled } = webhook;
  return {
    id,
    url,
    types: [...types],
    description,
    enabled,
    disabled_because: webhook.disabledBecause,
    created_at: webhook.createdAt.toISOString(),
    changed_at: webhook.changedAt.toISOString(),
  };
}

function detailAnswer(delivery: Delivery): z.input<typeof schemas.DeliveryDetailAnswer> {
  return {
    ...deliveryAnswer(delivery),
    attempts: delivery.attempts.map(({ at, durationMs, status, error, excerpt }) => ({
      at: at.toISOString(),
      duration_ms: durationMs,
      status,
      error,
      excerpt,
    })),
  };
}
