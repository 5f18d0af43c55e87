/**
 * Keys over REST: create, list, revoke.
 * @module
 */
import type { z } from "zod";
import { isWithin } from "../../access/bounds.ts";
import { actorOf } from "../../access/holder.ts";
import { keyAnswer, termsOf } from "../../access/key_answer.ts";
import * as schemas from "../../access/schemas.ts";
import { Refused } from "../../http/problem.ts";
import { http, type HttpRoute } from "../../http/route.ts";
import { Nothing } from "../../webhooks/schemas.ts";
import type { Services } from "../services.ts";

const BASE = "/api/v1/keys";

/**
 * The routes of keys. A holder of the scope `keys` may create keys for anything: it is as mighty as
 * `all`. A bound one creates, sees and revokes keys within its own bounds only.
 */
export function keyRoutes(
  { access, config, failed, webhooks }: Pick<
    Services,
    "access" | "config" | "failed" | "webhooks"
  >,
): HttpRoute[] {
  const { keys } = access;
  return [
    http({
      method: "POST",
      path: BASE,
      summary: "Creates a key; the answer shows it, once",
      scope: "keys",
      body: schemas.KeyCreate,
      answers: { 201: schemas.KeyCreated },
      async answer({ holder, actor, operation }, { body }) {
        const terms = termsOf(body, config.DEFAULT_COUNTRY);
        if (!isWithin(terms.bounds, holder?.bounds)) {
          const what = `Cannot create a key with ${actorOf(holder)}`;
          throw new Refused(403, `${what}: it would see more than that one`);
        }
        const { key, text } = await keys.create(terms, actor, operation);
        // The first one ends the stay of those who have come without.
        access.sweep();
        const headers = { "cache-control": "no-store" };
        const answer = { ...keyAnswer(key), key: text };
        return Response.json(answer satisfies z.input<typeof schemas.KeyCreated>, {
          status: 201,
          headers,
        });
      },
    }),
    http({
      method: "GET",
      path: BASE,
      summary: "Lists keys, newest first",
      scope: "keys",
      query: schemas.KeyListQuery,
      answers: { 200: schemas.KeyListAnswer },
      answer({ holder }, { query: { limit, cursor } }) {
        const seen = keys.list(holder?.bounds);
        const after = seen.findIndex(({ id }) => id === cursor);
        if (cursor !== undefined && after === -1) {
          throw new Refused(400, "The query is invalid: 1 fault", {
            errors: [{ field: "cursor", message: "not the next_cursor of an earlier answer" }],
          });
        }
        const page = seen.slice(after + 1, after + 1 + limit);
        const isLast = after + 1 + limit >= seen.length;
        const answer = {
          keys: page.map(keyAnswer),
          ...(isLast ? {} : { next_cursor: page.at(-1)!.id }),
        };
        return Response.json(answer satisfies z.input<typeof schemas.KeyListAnswer>);
      },
    }),
    http({
      method: "DELETE",
      path: `${BASE}/:id`,
      summary: "Revokes a key: its sockets and streams end, and its webhooks are disabled",
      scope: "keys",
      answers: { 204: Nothing },
      async answer({ params: { id = "" }, holder, actor }) {
        await keys.revoke(id, actor, holder?.bounds);
        access.sweep();
        await webhooks.disableEnded().catch(failed);
        return new Response(null, { status: 204 });
      },
    }),
  ];
}
