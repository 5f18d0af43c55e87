/**
 * Routes of machine-readable documents. Each is made on its first request.
 * @module
 */
import { z } from "zod";
import { type HttpRoute, publicGet } from "../route.ts";

/** Serves one JSON document. */
export function documentRoute(path: string, summary: string, make: () => object): HttpRoute {
  let body: string | undefined;
  return publicGet(path, summary, z.looseObject({}), () => {
    body ??= JSON.stringify(make());
    return new Response(body, { headers: { "content-type": "application/json" } });
  });
}
