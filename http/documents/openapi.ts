/**
 * REST as an OpenAPI 3.1 document, made from the schemas that check requests.
 * @see https://spec.openapis.org/oas/v3.1.0
 * @module
 */
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { z } from "zod";
import {
  createDocument,
  type CreateDocumentOptions,
  createSchema,
  type ZodOpenApiParameterObject,
  type ZodOpenApiSecuritySchemeObject,
} from "zod-openapi";
import { FORM_TYPES } from "../forms.ts";
import { KEY_HOURS } from "../idempotency.ts";
import { WEBHOOKS, webhooks } from "./openapi_webhooks.ts";
import type { NeededScope } from "../../access/scopes.ts";
import { type HttpRoute, mediaTypes, type Route, SAFE_METHODS } from "../route.ts";

type Json = Record<string, unknown>;

/** Documents a refusal; `problem.ts` makes them. */
const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("The refused action, and why"),
  errors: z.array(z.object({
    field: z.string().describe("Where: parties.0.phone"),
    message: z.string(),
  })).optional().describe("Every wrong field"),
}).meta({ id: "Problem", description: "A refusal as a problem document (RFC 9457)" });

/** Makes the document for the HTTP routes among these. */
export function openApi(routes: readonly Route[]): Json {
  const operations = routes.filter((route) =>
    route.method !== "WS" && route.aliasOf === undefined
  ) as HttpRoute[];
  const delivers = operations.some(({ path }) => path === WEBHOOKS);
  const paths: Record<string, Json> = {};
  for (const route of operations) {
    const path = documentPath(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Tipring",
      version: "1.0.0",
      summary: "The REST API of a realtime server for voice calls",
      description: "Calls, their records and actions on them; contracts and payments. " +
        "The WebSocket doors are in /asyncapi.json. A 2xx answer to an update or a POST means that " +
        "it is on disk. A refusal is a problem document (RFC 9457).",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: tags(operations),
    paths,
    ...(delivers ? { webhooks: webhooks() } : {}),
    components: {
      responses: {
        Problem: {
          description: "A refusal",
          headers: REQUEST_ID_HEADER,
          content: { "application/problem+json": { schema: Problem } },
        },
      },
      parameters: { IdempotencyKey: IDEMPOTENCY_KEY },
      headers: {
        RequestId: { description: "Names the request in the log", schema: { type: "string" } },
      },
      securitySchemes: SECURITY_SCHEMES,
    },
  }, SCHEMA_OPTIONS) as unknown as Json;
}

const SCHEMA_OPTIONS: CreateDocumentOptions = {
  override({ jsonSchema, io }) {
    // The pattern of a time is very long and says no more than its format.
    if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
    // Clients must accept answers with members that they do not know.
    if (io === "output" && jsonSchema.additionalProperties === false) {
      delete jsonSchema.additionalProperties;
    }
  },
};

const REQUEST_ID_HEADER = { "x-request-id": { $ref: "#/components/headers/RequestId" } };

const IDEMPOTENCY_KEY: ZodOpenApiParameterObject = {
  name: "Idempotency-Key",
  in: "header",
  description:
    "Chosen by the client. The same request with the same key is done once and gets the " +
    `same answer; another request with it gets 409. A key is stored for ${KEY_HOURS} hours`,
  schema: { type: "string", minLength: 1, maxLength: 255 },
  examples: { default: { value: "6f1c2f4e-order-17", "x-disabled": true } },
};

const SECURITY_SCHEMES: Record<string, ZodOpenApiSecuritySchemeObject> = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description:
      "A key, or a token (JWT), with the scope of the operation. On a server without keys, as on " +
      "loopback, none is needed.",
  },
  basic: { type: "http", scheme: "basic", description: "The key as the password" },
  query: { type: "apiKey", in: "query", name: "key", description: "The key in the URL" },
};

function operation(route: HttpRoute): Json {
  const { method, path, summary, body, answers, scope } = route;
  const parameters = [
    ...pathParameters(path),
    ...queryParameters(route),
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
        content: requestContent(route, body),
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, schema]) => [
          status,
          response(Number(status), schema),
        ]),
      ),
      ...problems(route),
    },
    ...(scope === "everyone" ? {} : { description: `Needs the scope \`${scope}\`.` }),
    security: security(scope),
  };
}

function requestContent({ forms }: HttpRoute, schema: z.ZodType): Json {
  const types = ["application/json", ...(forms === true ? FORM_TYPES : [])];
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function response(status: number, schema: z.ZodType): Json {
  const description = z.globalRegistry.get(schema)?.description ??
    STATUS_TEXT[status as StatusCode];
  const headers = REQUEST_ID_HEADER;
  if (schema instanceof z.ZodVoid) return { description, headers };
  const { types } = mediaTypes.get(schema) ?? { types: ["application/json"] };
  const content = types.map((type, at) => [
    type,
    { schema: at === 0 ? schema : { type: "string" } },
  ]);
  return { description, headers, content: Object.fromEntries(content) };
}

/** The refusals that follow from a route's shape; `default` stands for any other. */
function problems({ scope, path, body, query, method }: HttpRoute): Json {
  const statuses = [
    // Limits refuse with 429 what is the client's doing, and with 503 what is not.
    ...(scope === "everyone" ? [] : [401, 403, 429, 503]),
    ...(path.includes(":") ? [404] : []),
    ...(method === "POST" ? [409] : []),
    ...(body === undefined ? [] : [400]),
    ...(SAFE_METHODS.has(method) ? [] : [408, 413, 415]),
    ...(body === undefined && query === undefined ? [] : [422]),
    ...(SAFE_METHODS.has(method) ? [] : [503]),
  ];
  const reference = { $ref: "#/components/responses/Problem" };
  return Object.fromEntries([...new Set(statuses), "default"].map((status) => [status, reference]));
}

/** From OpenAPI 3.1 on, the roles in a requirement may stand beside any scheme. */
function security(scope: NeededScope): Json[] {
  if (scope === "everyone") return [];
  return ["bearer", "basic", "query"].map((scheme) => ({ [scheme]: [scope] }));
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", minLength: 1 },
  }));
}

function queryParameters({ query }: HttpRoute): Json[] {
  return Object.entries(query?.shape ?? {}).map(([name, field]) => {
    const { schema: { description, ...schema } } = createSchema(field, {
      io: "input",
      opts: SCHEMA_OPTIONS,
    }) as { schema: Json };
    const required = !z.safeParse(field, undefined).success;
    return {
      name,
      in: "query",
      ...(description === undefined ? {} : { description }),
      required,
      schema,
      ...(required ? {} : { examples: unselected(schema) }),
    };
  });
}

/**
 * An example of an optional parameter, not selected. Without it, "Try it" in /docs selects every
 * parameter with a known value, such as the first state of all for a list of calls.
 */
function unselected({ examples, default: preset, enum: values }: Json): Json {
  const [value] = [...(examples as unknown[] ?? []), preset, ...(values as unknown[] ?? [])]
    .filter((known) => known !== undefined);
  return { default: { ...(value === undefined ? {} : { value }), "x-disabled": true } };
}

/** `/api/v1/calls/:id` as `/api/v1/calls/{id}`. */
export function documentPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}").replace(/\*$/, "{rest}");
}

/** In the order of the routes, with the server itself last. */
function tags(operations: readonly HttpRoute[]): { name: string; description: string }[] {
  const names = [...new Set(operations.map(({ path }) => tagOf(path)))];
  return [...names.filter((name) => name !== SERVER), SERVER].map((name) => ({
    name,
    description: TAGS[name] ?? `What is below /api/v1/${name}`,
  }));
}

const TAGS: Readonly<Record<string, string>> = {
  calls: "Calls, their records, and actions on them",
  cdrs: "Call detail records",
  clients: "Messages to clients of the notifications door",
  contracts: "Contracts: open, change, confirm",
  keys: "Keys: who may come in, and for what",
  events: "The events of all records",
  payments: "Payments for contracts",
  server: "The server itself: health, documents, this list",
  webhooks: "Webhooks and their deliveries",
};

const SERVER = "server";

/** The first name behind `/api/v1`; any other route is about the server itself. */
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
