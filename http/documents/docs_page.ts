/**
 * `/docs`: both documents as a page for people, drawn by Scalar. Everything comes from this server.
 * @see https://github.com/scalar/scalar
 * @module
 */
import { z } from "zod";
import { type HttpRoute, mediaTypes, publicGet } from "../route.ts";

const Page = z.string().describe("Both documents as a page for people")
  .register(mediaTypes, { types: ["text/html"] });
const Script = z.string().describe("A script of the page")
  .register(mediaTypes, { types: ["text/javascript"] });

/** The page and its scripts. */
export function docsRoutes(): HttpRoute[] {
  let scalar: Promise<string> | undefined;
  return [
    publicGet(
      "/docs",
      "REST and the WebSockets as a page for people",
      Page,
      () => new Response(PAGE, { headers: PAGE_HEADERS }),
    ),
    publicGet("/docs/start.js", "Starts the page", Script, () => script(START)),
    publicGet(
      "/docs/scalar.js",
      "The script that draws the page",
      Script,
      async () => script(await (scalar ??= scalarScript())),
    ),
  ];
}

/** Turns off every request to other hosts; the page's CSP forbids them as well. */
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
    // Scalar creates style elements, most of them without a nonce.
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

/**
 * Scalar's browser script. `@scalar/api-reference` does not export it and brings 200 packages along;
 * the package for Fastify carries it as one string literal, so it is read from that package's source.
 * Importing the source as text needs no permission.
 * @throws {Error} when a new version of the package is built differently
 */
async function scalarScript(): Promise<string> {
  const { default: source } = await import("@scalar/fastify-api-reference", {
    with: { type: "text" },
  }) as unknown as { default: string };
  const literal = /^var standalone_default = "(.*)";$/m.exec(source)?.[1];
  if (literal === undefined) {
    throw new Error("Cannot serve /docs: @scalar/fastify-api-reference carries no script");
  }
  return literal.replaceAll(/\\(.)/g, (_, escaped: string) => escaped === "n" ? "\n" : escaped);
}
