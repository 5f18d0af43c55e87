/**
 * Webhooks over REST: subscriptions, and their deliveries.
 * @module
 */
import type { z } from "zod";
import { isWithin } from "../../access/bounds.ts";
import type { Holder } from "../../access/holder.ts";
import { deliveryAnswer } from "../../webhooks/delivery_answer.ts";
import { noWebhook, type Webhooks } from "../../webhooks/webhooks.ts";
import * as schemas from "../../webhooks/schemas.ts";
import type { Delivery, Webhook, WebhookOwner } from "../../webhooks/webhook.ts";
import { keyIdOf } from "../../http/admission/admission.ts";
import { http, type HttpRoute, type Visit } from "../../http/route.ts";
import { listAnswer, type ListServices } from "./list_answer.ts";
import type { Services } from "../services.ts";

const BASE = "/api/v1/webhooks";

type WebhookServices = ListServices & Pick<Services, "store" | "webhooks">;

/** The routes of webhooks and their deliveries. */
export function webhookRoutes(services: WebhookServices): HttpRoute[] {
  return [...subscriptionRoutes(services), ...deliveryRoutes(services)];
}

/**
 * Whether a holder may see a webhook: a bound one sees its own only. Tokens of one subject may have
 * other bounds: what a wider one has made is outside of a narrower one.
 */
function seesWebhook(holder: Holder | undefined, { owner }: Webhook): boolean {
  if (holder?.bounds === undefined) return true;
  return owner?.id === holder.id && owner.issuer === holder.issuer &&
    isWithin(owner.bounds, holder.bounds);
}

/** The owner of what a holder makes; undefined where nobody needs a key. */
function ownerOf(holder: Holder | undefined): WebhookOwner | undefined {
  if (holder === undefined || keyIdOf(holder) === undefined) return undefined;
  const { id, issuer, bounds, expiresAt } = holder;
  return { id, issuer, bounds, expiresAt };
}

/**
 * The webhook whose id is in the path.
 * @throws {NoSuchWebhook} for an unknown id, and for one that the visitor may not see
 */
async function seenWebhook(
  webhooks: Webhooks,
  { params: { id = "" }, holder }: Visit,
): Promise<Webhook> {
  const webhook = await webhooks.get(id);
  if (!seesWebhook(holder, webhook)) throw noWebhook(id);
  return webhook;
}

function subscriptionRoutes({ webhooks }: WebhookServices): HttpRoute[] {
  return [
    http({
      method: "POST",
      path: BASE,
      summary: "Adds a webhook; the answer shows its secret, once",
      scope: "webhooks",
      body: schemas.WebhookCreate,
      answers: { 201: schemas.WebhookCreated },
      async answer(visit, { body }) {
        const { actor, operation, holder } = visit;
        const owner = ownerOf(holder);
        const { webhook, secret } = await webhooks.create(body, actor, operation, owner);
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
      scope: "webhooks",
      answers: { 200: schemas.WebhookListAnswer },
      async answer({ holder }) {
        const seen = (await webhooks.list()).filter((webhook) => seesWebhook(holder, webhook));
        return Response.json({ webhooks: seen.map(webhookAnswer) });
      },
    }),
    http({
      method: "GET",
      path: `${BASE}/:id`,
      summary: "Reads a webhook",
      scope: "webhooks",
      answers: { 200: schemas.WebhookAnswer },
      answer: async (visit) => Response.json(webhookAnswer(await seenWebhook(webhooks, visit))),
    }),
    http({
      method: "PUT",
      path: `${BASE}/:id`,
      summary: "Replaces a webhook's settings",
      scope: "webhooks",
      body: schemas.WebhookChange,
      answers: { 200: schemas.WebhookAnswer },
      async answer(visit, { body }) {
        const { id } = await seenWebhook(webhooks, visit);
        const changed = await webhooks.change(id, body, visit.actor);
        return Response.json(webhookAnswer(changed));
      },
    }),
    http({
      method: "DELETE",
      path: `${BASE}/:id`,
      summary: "Removes a webhook with its deliveries",
      scope: "webhooks",
      answers: { 204: schemas.Nothing },
      async answer(visit) {
        const { id } = await seenWebhook(webhooks, visit);
        await webhooks.remove(id, visit.actor);
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
      scope: "webhooks",
      query: schemas.DeliveryListQuery,
      answers: { 200: schemas.DeliveryListAnswer },
      async answer(visit, { query: { state, limit, cursor } }) {
        const { id: webhookId } = await seenWebhook(webhooks, visit);
        return await listAnswer(visit, {
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
      scope: "webhooks",
      answers: { 200: schemas.DeliveryDetailAnswer },
      async answer(visit) {
        const { id } = await seenWebhook(webhooks, visit);
        const found = await webhooks.delivery(id, visit.params["delivery_id"] ?? "");
        return Response.json(detailAnswer(found));
      },
    }),
    http({
      method: "POST",
      path: `${BASE}/:id/deliveries/:delivery_id/replay`,
      summary: "Sends a delivery again, under the same webhook-id",
      scope: "webhooks",
      answers: { 202: schemas.DeliveryAnswer },
      async answer(visit) {
        const { id } = await seenWebhook(webhooks, visit);
        const replayed = await webhooks.replay(id, visit.params["delivery_id"] ?? "");
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
