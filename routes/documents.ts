/**
 * Documents for machines, made once from the routes.
 * @module
 */
import { z } from "zod";
import { http, type HttpRoute } from "./route.ts";

/** Serves one JSON document. */
export function documentRoute(path: string, summary: string, document: object): HttpRoute {
  const body = JSON.stringify(document);
  return http({
    method: "GET",
    path,
    summary,
    guard: "everyone",
    answers: { 200: z.looseObject({}) },
    answer: () => new Response(body, { headers: { "content-type": "application/json" } }),
  });
}
