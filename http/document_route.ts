/**
 * Routes of machine-readable documents. Each is made on its first request.
 * @module
 */
import { z } from "zod";
import { http, type HttpRoute } from "./route.ts";

/** Serves one JSON document. */
export function documentRoute(path: string, summary: string, make: () => object): HttpRoute {
  let body: string | undefined;
  return http({
    method: "GET",
    path,
    summary,
    guard: "everyone",
    anyQuery: true,
    answers: { 200: z.looseObject({}) },
    answer() {
      body ??= JSON.stringify(make());
      return new Response(body, { headers: { "content-type": "application/json" } });
    },
  });
}
