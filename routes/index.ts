/**
 * `GET /`: where everything is.
 * @module
 */
import { accepts } from "@std/http/negotiation";
import { z } from "zod";
import { http, type HttpRoute, type Route } from "./route.ts";

/** The list of every URL. */
export const Index = z.object({
  name: z.literal("tipring"),
  routes: z.array(z.object({ method: z.string(), path: z.string(), summary: z.string() })),
}).meta({ id: "Index", description: "Every URL of the server" });

/** Lists the other routes, as JSON or as a page. */
export function indexRoute(routes: readonly Route[]): HttpRoute {
  const list = routes.map(({ method, path, summary }) => ({ method, path, summary }));
  return http({
    method: "GET",
    path: "/",
    summary: "This list",
    guard: "everyone",
    anyQuery: true,
    answers: { 200: Index },
    answer: ({ request }) =>
      accepts(request, "application/json", "text/html") === "text/html"
        ? new Response(page(list), { headers: PAGE_HEADERS })
        : Response.json({ name: "tipring", routes: list }),
  });
}

const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
};

function page(list: z.infer<typeof Index>["routes"]): string {
  const rows = list.map(({ method, path, summary }) =>
    `<tr><td>${escape(method)}<td><code>${escape(path)}</code><td>${escape(summary)}`
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tipring</title>
<meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
td{padding:.2rem 1rem .2rem 0;vertical-align:top}</style>
<h1>Tipring</h1><p>A realtime server for voice calls. WS is a WebSocket.</p>
<table>${rows.join("\n")}</table></html>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
