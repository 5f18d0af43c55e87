/**
 * Documents for machines, made from the routes when they are first asked for.
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
