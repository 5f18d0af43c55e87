/**
 * REST as an OpenAPI 3.1 document, made from the same schemas that check requests.
 * @see https://spec.openapis.org/oas/v3.1.0
 * @module
 */
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { z } from "zod";
import { Components, mediaTypesOf } from "./openapi_components.ts";
import { FORM_TYPES } from "./forms.ts";
import { KEPT_HOURS } from "./idempotency.ts";
import { takeWebhooks, WEBHOOKS, webhooks } from "./openapi_webhooks.ts";
import type { Guard, HttpRoute, Route } from "./route.ts";

type Json = Record<string, unknown>;

/** A refusal, for the document; `problem.ts` makes them. */
const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: "What was wanted, and why it is refused" }),
  errors: z.array(z.object({
    field: z.string().meta({ description: "Where: parties.0.phone" }),
    message: z.string(),
  })).optional().meta({ description: "Every field that is wrong" }),
}).meta({ id: "Problem", description: "A refusal as a problem document (RFC 9457)" });

/** The document for the HTTP routes among these. */
export function openApi(routes: readonly Route[]): Json {
  const operations = routes.filter((route) =>
    route.method !== "WS" && route.aliasOf === undefined
  ) as HttpRoute[];
  const components = new Components();
  const problem = components.reference(Problem, "output");
  for (const { body, answers } of operations) {
    if (body !== undefined) components.take(body, "input");
    for (const answer of Object.values(answers)) components.take(answer, "output");
  }
  const delivers = operations.some(({ path }) => path === WEBHOOKS);
  if (delivers) takeWebhooks(components);
  const paths: Record<string, Json> = {};
  for (const route of operations) {
    const path = documentPath(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, components) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Tipring",
      version: "1.0.0",
      summary: "The REST API of a realtime server for voice calls",
      description: "Calls, their records and what can be done to them; contracts and payments. " +
        "The WebSocket doors are in /asyncapi.json. An update or POST that is answered with " +
        "2xx is on disk. A refusal is a problem document (RFC 9457).",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: tags(operations),
    paths,
    ...(delivers ? { webhooks: webhooks(components) } : {}),
    components: {
      schemas: components.schemas(),
      responses: {
        Problem: {
          description: "A refusal",
          headers: REQUEST_ID_HEADER,
          content: { "application/problem+json": { schema: problem } },
        },
      },
      parameters: { IdempotencyKey: IDEMPOTENCY_KEY },
      headers: {
        RequestId: { description: "Names the request in the log", schema: { type: "string" } },
      },
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const REQUEST_ID_HEADER = { "x-request-id": { $ref: "#/components/headers/RequestId" } };

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  description: "Of the client's choice: the same request under the same key is done once, and " +
    "answered as before; another request under it is refused with 409. A key is kept for " +
    `${KEPT_HOURS} hours`,
  schema: { type: "string", minLength: 1, maxLength: 255 },
  examples: { default: { value: "6f1c2f4e-order-17", "x-disabled": true } },
};

const SECURITY_SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "One of API_KEYS. Where none are set, as on loopback, no key is asked for.",
  },
  basic: { type: "http", scheme: "basic", description: "The key as the password" },
  query: { type: "apiKey", in: "query", name: "key", description: "The key in the URL" },
};

function operation(route: HttpRoute, components: Components): Json {
  const { method, path, summary, body, answers, guard } = route;
  const parameters = [
    ...pathParameters(path),
    ...queryParameters(route, components),
    ...(method === "POST" ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
  ];
  return {
    operationId: operationId(route),
    summary,
    tags: [tagOf(path)],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : {
      requestBody: {
        required: !body.safeParse(undefined).success,
        content: requestContent(route, components.reference(body, "input")),
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, schema]) => [
          status,
          response(Number(status), schema, components),
        ]),
      ),
      ...problems(route),
    },
    security: security(guard),
  };
}

function requestContent({ forms }: HttpRoute, schema: Json): Json {
  const types = ["application/json", ...(forms === true ? FORM_TYPES : [])];
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function response(status: number, schema: z.ZodType, components: Components): Json {
  const description = z.globalRegistry.get(schema)?.description ??
    STATUS_TEXT[status as StatusCode];
  const headers = REQUEST_ID_HEADER;
  if (schema instanceof z.ZodVoid) return { description, headers };
  const content = mediaTypesOf(schema).map((type, at) => [
    type,
    { schema: at === 0 ? components.reference(schema, "output") : { type: "string" } },
  ]);
  return { description, headers, content: Object.fromEntries(content) };
}

/** The refusals that a route's own shape makes possible; any other is the default. */
function problems({ guard, path, body, query, method }: HttpRoute): Json {
  const statuses = [
    ...(guard === "everyone" ? [] : [401]),
    ...(path.includes(":") ? [404] : []),
    ...(method === "POST" ? [409] : []),
    ...(body === undefined ? [] : [400, 408, 413, 415]),
    ...(body === undefined && query === undefined ? [] : [422]),
    ...(method === "GET" || method === "OPTIONS" ? [] : [503]),
  ];
  const reference = { $ref: "#/components/responses/Problem" };
  return Object.fromEntries([...statuses, "default"].map((status) => [status, reference]));
}

function security(guard: Guard): Json[] {
  return guard === "everyone" ? [] : [{ bearer: [] }, { basic: [] }, { query: [] }];
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", minLength: 1 },
  }));
}

function queryParameters({ query }: HttpRoute, components: Components): Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = components.inline(query, "input") as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    ...(description === undefined ? {} : { description }),
    required: required.includes(name),
    schema,
    ...(required.includes(name) ? {} : { examples: untaken(schema) }),
  }));
}

/**
 * An example of an optional parameter. Without it "Try it" in /docs would begin with every parameter
 * ticked whose value it knows, and ask for calls in the first of all states, say.
 */
function untaken({ examples, default: preset, enum: values }: Json): Json {
  const [value] = [...(examples as unknown[] ?? []), preset, ...(values as unknown[] ?? [])]
    .filter((known) => known !== undefined);
  return { default: { ...(value === undefined ? {} : { value }), "x-disabled": true } };
}

/** `/api/v1/calls/:id` as `/api/v1/calls/{id}`. */
export function documentPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}").replace(/\*$/, "{rest}");
}

/** What people come for goes first, the server itself last. */
function tags(operations: readonly HttpRoute[]): Json[] {
  const names = [...new Set(operations.map(({ path }) => tagOf(path)))];
  return [...names.filter((name) => name !== SERVER), SERVER].map((name) => ({
    name,
    description: TAGS[name] ?? `What is below /api/v1/${name}`,
  }));
}

const TAGS: Readonly<Record<string, string>> = {
  calls: "Calls with their records, and what can be done to them",
  cdrs: "Call detail records",
  clients: "What clients of the notifications door are told",
  contracts: "Contracts: open, change, confirm",
  events: "The events of all records",
  payments: "Payments for contracts",
  server: "The server itself: health, documents, this list",
  webhooks: "Webhooks and their deliveries",
};

const SERVER = "server";

/** The first name behind `/api/v1`; what is not below it is about the server itself. */
function tagOf(path: string): string {
  return /^\/api\/v1\/([\w-]+)/.exec(path)?.[1] ?? SERVER;
}

/** `GET /api/v1/calls/:id` is `getCallsById`. */
function operationId({ method, path }: HttpRoute): string {
  const words = path.replace(/^\/api\/v1/, "").split("/").slice(1).flatMap((segment) =>
    segment === "" ? ["slash"] : segment.replace(/^:/, "by-").split(/[^A-Za-z0-9]+/)
  );
  const name = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  return method.toLowerCase() + name;
}
