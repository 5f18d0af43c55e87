/**
 * The WebSocket doors as an AsyncAPI 3.0 document, made from the schemas that check the messages.
 * @see https://www.asyncapi.com/docs/reference/specification/v3.0.0
 * @module
 */
import { z } from "zod";
import { type MessageSchema, type MessageSet, messagesOf } from "../../session/wire.ts";
import type { Route, SocketRoute } from "../route.ts";
import { pascal, titled, words } from "./titles.ts";

type Json = Record<string, unknown>;

/** Makes the document for the WebSocket routes among these. */
export function asyncApi(routes: readonly Route[]): Json {
  const doors = routes.filter((route) => route.method === "WS");
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Tipring",
      version: "1.0.0",
      description:
        "A realtime server for voice calls: WebSocket doors onto one record of each call.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: SERVERS,
    channels: Object.fromEntries(doors.map((door) => [channelName(door), channel(door)])),
    operations: Object.assign({}, ...doors.map(operations)),
    components: {
      messages: Object.assign({}, ...doors.map(messages)),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const HOST = {
  default: "127.0.0.1:4143",
  description: "Where this server listens: HOST and PORTS, or the proxy in front of it",
};

const SERVERS = {
  plain: {
    host: "{host}",
    protocol: "ws",
    title: "Tipring",
    description: "Without a proxy",
    variables: { host: HOST },
  },
  secure: {
    host: "{host}",
    protocol: "wss",
    title: "Tipring behind TLS",
    description: "Behind a proxy that terminates TLS",
    variables: { host: HOST },
  },
};

const KEY =
  "A key, or a token (JWT), with the scope of the operation. On a server without keys, as on loopback, " +
  "none is needed";

const SECURITY_SCHEMES = {
  bearer: { type: "http", scheme: "bearer", description: KEY },
  basic: { type: "http", scheme: "basic", description: "The key as the password" },
  query: { type: "httpApiKey", in: "query", name: "key", description: "The key in the URL" },
  subprotocol: {
    type: "httpApiKey",
    in: "header",
    name: "Sec-WebSocket-Protocol",
    description: "`bearer, <key>`: a browser can send this",
  },
  ticket: {
    type: "httpApiKey",
    in: "query",
    name: "ticket",
    description:
      "Opens one socket, once: see POST /api/v1/calls/{id}/watch-tokens and /api/v1/clients/{id}/tickets",
  },
};

/** The schemes of which one is enough. A door that takes tickets needs a ticket or a key. */
function security({ scope, query }: SocketRoute): Json[] {
  const ticket = query !== undefined && "ticket" in query.shape;
  const keys = scope === "everyone" ? [] : ["bearer", "basic", "query", "subprotocol"];
  return [...(ticket ? ["ticket"] : []), ...keys].map((name) => ({
    $ref: `#/components/securitySchemes/${name}`,
  }));
}

/** The scopes that a door asks for. */
function needs({ scope, messageScopes = {} }: SocketRoute): string {
  const messages = Object.entries(messageScopes).map(([type, also]) =>
    ` The message \`${type}\` needs \`${also}\` too.`
  );
  return `Needs the scope \`${scope}\`.${messages.join("")}`;
}

/** Names a channel by its path: `/ws/v1/liveCalls` is `ws-v1-liveCalls`. */
function channelName({ path }: SocketRoute): string {
  return path.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, "") || "root";
}

function channel(door: SocketRoute): Json {
  const names = [...namesOf(door.wire.heard), ...namesOf(door.wire.said), ...audioNames(door)];
  const parameters = [...door.path.matchAll(/:(\w+)/g)].map(([, name]) => [name, {}]);
  return {
    address: door.path.replaceAll(/:(\w+)/g, "{$1}"),
    title: door.door,
    description: door.subprotocols === undefined
      ? door.summary
      : `${door.summary}. Subprotocol: ${door.subprotocols.join(" or ")}`,
    servers: Object.keys(SERVERS).map((name) => ({ $ref: `#/servers/${name}` })),
    messages: Object.fromEntries(
      names.map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
    ...(parameters.length === 0 ? {} : { parameters: Object.fromEntries(parameters) }),
    bindings: {
      ws: {
        method: "GET",
        ...(door.query === undefined
          ? {}
          : { query: jsonSchema(door.query, `${pascal(door.door)}Query`) }),
        bindingVersion: "0.1.0",
      },
    },
  };
}

function operations(door: SocketRoute): Json {
  const name = channelName(door);
  const operation = (action: "receive" | "send", names: string[]) => ({
    action,
    channel: { $ref: `#/channels/${name}` },
    summary: action === "receive"
      ? `What the peer says on ${door.path}`
      : `What we say on ${door.path}`,
    messages: names.map((message) => ({ $ref: `#/channels/${name}/messages/${message}` })),
    ...(door.scope === "everyone" ? {} : { description: needs(door) }),
    security: security(door),
  });
  return {
    [`${name}-receive`]: operation("receive", [...namesOf(door.wire.heard), ...audioNames(door)]),
    [`${name}-send`]: operation("send", [...namesOf(door.wire.said), ...audioNames(door)]),
  };
}

function messages({ wire }: SocketRoute): Json {
  const all = [...messagesOf(wire.heard), ...messagesOf(wire.said)];
  const audio = wire.audio && {
    [AUDIO]: {
      name: AUDIO,
      title: "Audio",
      summary: wire.audio.description,
      contentType: "application/octet-stream",
      payload: { title: AUDIO, type: "string", format: "binary" },
    },
  };
  return {
    ...Object.fromEntries(all.map((schema) => [messageName(schema), message(schema)])),
    ...audio,
  };
}

function message(schema: MessageSchema): Json {
  const { description, examples } = z.globalRegistry.get(schema) ?? {};
  const name = messageName(schema);
  return {
    name,
    title: words(name),
    summary: description,
    payload: jsonSchema(schema, name),
    examples: ((examples ?? []) as Json[]).map((payload) => ({ payload })),
  };
}

const AUDIO = "Audio";

function audioNames({ wire }: SocketRoute): string[] {
  return wire.audio === undefined ? [] : [AUDIO];
}

function namesOf(set: MessageSet): string[] {
  return messagesOf(set).map(messageName);
}

/** @throws {Error} for a message without an id in its `meta`: the documents name every message */
function messageName(schema: MessageSchema): string {
  const id = z.globalRegistry.get(schema)?.id;
  if (id === undefined) throw new Error("Cannot document a message: its schema has no id");
  return id;
}

/** AsyncAPI's schemas are a superset of JSON Schema draft 7. */
function jsonSchema(schema: z.ZodType, title: string): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    reused: "inline",
  });
  const whole = inlineDefinitions(json, (json["definitions"] ?? {}) as Record<string, Json>);
  return titled(whole, title);
}

/** Inlines what zod makes a definition: a reference from inside a message cannot reach it. */
function inlineDefinitions(value: unknown, definitions: Record<string, Json>): unknown {
  if (Array.isArray(value)) return value.map((item) => inlineDefinitions(item, definitions));
  if (typeof value !== "object" || value === null) return value;
  const { $ref, definitions: _, id: __, ...rest } = value as Json;
  const definition = typeof $ref === "string" ? $ref.replace("#/definitions/", "") : "";
  const target = definitions[definition];
  return Object.fromEntries(
    Object.entries({ ...(target && { title: definition, ...target }), ...rest })
      .filter(([key]) => key !== "id" || !target)
      .map(([key, item]) => [key, inlineDefinitions(item, definitions)]),
  );
}
