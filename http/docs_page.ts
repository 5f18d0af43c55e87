/**
 * `/docs`: both documents as a page for people, by Scalar, from its npm package and from nowhere
 * else. The package is a plugin for Fastify that carries the whole page as text: it is run once
 * against the two methods that it uses, so that no file is read and no permission is needed.
 * @see https://github.com/scalar/scalar
 * @module
 */
import { z } from "zod";
import { http, type HttpRoute } from "./route.ts";

const Page = z.string().meta({
  description: "Both documents as a page for people",
  mediaTypes: ["text/html"],
});
const Script = z.string().meta({
  description: "A script of the page",
  mediaTypes: ["text/javascript"],
});

/** The page and its scripts. */
export function docsRoutes(): HttpRoute[] {
  let scalar: Promise<string> | undefined;
  return [
    http({
      method: "GET",
      path: "/docs",
      summary: "REST and the WebSocket doors as a page for people",
      guard: "everyone",
      anyQuery: true,
      answers: { 200: Page },
      answer: () => new Response(PAGE, { headers: PAGE_HEADERS }),
    }),
    http({
      method: "GET",
      path: "/docs/start.js",
      summary: "Starts the page",
      guard: "everyone",
      anyQuery: true,
      answers: { 200: Script },
      answer: () => script(START),
    }),
    http({
      method: "GET",
      path: "/docs/scalar.js",
      summary: "What draws the page",
      guard: "everyone",
      anyQuery: true,
      answers: { 200: Script },
      answer: async () => script(await (scalar ??= scalarScript())),
    }),
  ];
}

/** Everything that would reach out to others is switched off, and the page's CSP forbids it. */
const CONFIGURATION = {
  sources: [
    { title: "REST", slug: "rest", url: "/openapi.json", default: true },
    { title: "WebSockets", slug: "websockets", url: "/asyncapi.json" },
  ],
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  persistAuth: false,
  proxyUrl: "",
  showDeveloperTools: "never",
  telemetry: false,
  withDefaultFonts: false,
};

const START = `Scalar.createApiReference("#page", ${JSON.stringify(CONFIGURATION)});\n`;

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tipring</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head>
<body><div id="page"></div><noscript>This page needs JavaScript; the documents themselves are
<a href="/openapi.json">/openapi.json</a> and <a href="/asyncapi.json">/asyncapi.json</a>.</noscript>
<script src="/docs/scalar.js"></script><script src="/docs/start.js"></script></body></html>`;

const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    // The package makes style elements, most of them without a nonce.
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

function script(text: string): Response {
  return new Response(text, {
    headers: {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=3600",
      "x-content-type-options": "nosniff",
    },
  });
}

interface PluginRoute {
  readonly url: string;
  handler(request: unknown, reply: { header(): unknown; send(body: string): string }): string;
}

/** What Scalar's plugin answers at its `js/scalar.js`: asked for only when somebody wants the page. */
async function scalarScript(): Promise<string> {
  const { default: plugin } = await import("@scalar/fastify-api-reference");
  const routes: PluginRoute[] = [];
  const fastify = { route: (route: PluginRoute) => void routes.push(route) };
  const register = plugin as unknown as (
    to: typeof fastify,
    options: { configuration: { url: string } },
    next: () => void,
  ) => void;
  register(fastify, { configuration: { url: "/openapi.json" } }, () => {});
  const found = routes.find(({ url }) => url.endsWith("/js/scalar.js"));
  if (found === undefined) {
    throw new Error("Cannot serve /docs: Scalar's plugin has no js/scalar.js");
  }
  const reply = { header: () => reply, send: (body: string) => body };
  return found.handler({}, reply);
}
