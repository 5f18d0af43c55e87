/**
 * `GET /`: a list of every URL.
 * @module
 */
import { accepts } from "@std/http/negotiation";
import { z } from "zod";
import { documentPath } from "../../http/documents/openapi.ts";
import { type HttpRoute, publicGet, type Route } from "../../http/route.ts";

/** Every URL of the server. */
export const Index = z.object({
  name: z.literal("tipring"),
  links: z.object({
    docs: z.string(),
    openapi: z.string(),
    asyncapi: z.string(),
    livez: z.string(),
    readyz: z.string(),
  }).describe("Where to start, as paths on this server"),
  routes: z.array(z.object({
    method: z.string().describe("WS is a WebSocket"),
    path: z.string(),
    summary: z.string(),
    href: z.string().describe("The absolute URL; {names} are parameters"),
  })),
}).meta({ id: "Index", description: "Every URL of the server" });

const LINKS: z.input<typeof Index>["links"] = {
  docs: "/docs",
  openapi: "/openapi.json",
  asyncapi: "/asyncapi.json",
  livez: "/livez",
  readyz: "/readyz",
};

/** Lists the other routes, as JSON or as a page. */
export function indexRoute(routes: readonly Route[]): HttpRoute {
  return publicGet("/", "This list", Index, ({ request, url }) => {
    const list = routes.map((route) => listed(route, url));
    return accepts(request, "application/json", "text/html") === "text/html"
      ? new Response(page(list), { headers: PAGE_HEADERS })
      : Response.json({ name: "tipring", links: LINKS, routes: list });
  });
}

type Listed = z.input<typeof Index>["routes"][number];

function listed({ method, path, summary }: Route, { protocol, host }: URL): Listed {
  const secure = protocol === "https:" ? "s" : "";
  const scheme = method === "WS" ? `ws${secure}` : `http${secure}`;
  return { method, path, summary, href: `${scheme}://${host}${documentPath(path)}` };
}

const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
};

function page(list: readonly Listed[]): string {
  const rows = list.map((route) =>
    `<tr><td>${escape(route.method)}<td>${link(route)}<td>${escape(route.summary)}`
  );
  const first = Object.entries(LINKS).map(([name, path]) => `<a href="${path}">${name}</a>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tipring</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
td{padding:.2rem 1rem .2rem 0;vertical-align:top}td:first-child{color:#666}</style>
<h1>Tipring</h1><p>A realtime server for voice calls. WS is a WebSocket.</p>
<p>${first.join(" · ")}</p>
<table>${rows.join("\n")}</table></html>`;
}

/** Links a GET without parameters to itself, and everything else to its description. */
function link({ method, path, href }: Listed): string {
  const opens = method === "GET" && !href.includes("{");
  const target = opens ? path : method === "WS" ? "/docs#websockets" : "/docs";
  return `<a href="${escape(target)}"><code>${escape(documentPath(path))}</code></a>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
