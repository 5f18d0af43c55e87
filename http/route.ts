/**
 * Routes: a method, a path, who may use it, the schemas of input and output, and a handler. The API
 * documents are made from these as well.
 * @module
 */
import { z } from "zod";
import type { Limits } from "../session/limits.ts";
import type { Protocol } from "../session/protocol.ts";
import type { Session } from "../session/session.ts";
import type { Wire } from "../session/wire.ts";

/** Who may use a route: `everyone`; `key`: a key holder if API_KEYS are set; `always`: a key holder. */
export type Guard = "everyone" | "key" | "always";

/** The media types of answers that are not JSON alone. The schema describes the first. */
export const mediaTypes: z.core.$ZodRegistry<{ readonly types: readonly string[] }> = z.registry();

/** One request, with what the router knows about it. */
export interface Visit {
  readonly request: Request;
  readonly url: URL;
  /** The named segments of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Identifies the request in logs and in the answer's `x-request-id`. */
  readonly requestId: string;
  /** The client's key, if it was accepted. */
  readonly key: string | undefined;
  /** Identifies a POST with an idempotency key in the records that it writes. */
  readonly operation?: string;
  /** The address by which the client is counted. */
  readonly address: string;
  /** Names the client in records by the address: `rest 127.0.0.1`. Keys are secrets. */
  readonly actor: string;
}

/** What every route declares. */
interface Described {
  /** Segments that begin with a colon are parameters; `*` at the end takes the rest. */
  readonly path: string;
  /** One line for people. */
  readonly summary: string;
  readonly guard: Guard;
  /** Whether it only watches: such routes are refused first when memory is short. */
  readonly watches?: boolean;
  /** Whose connection it is, by the path, where clients have a limit of their own. */
  clientOf?(params: Visit["params"]): string;
  /** The documented path that this one is an alias of. The documents omit aliases. */
  readonly aliasOf?: string;
}

/** What is a door's own: the router authorises, upgrades and serves. */
interface Door<W extends Wire, Ports, Notice, Query extends z.ZodObject, Client> {
  /** The name of the door in documents and logs, such as `live calls`. */
  readonly door: string;
  readonly wire: W;
  readonly protocol: Protocol<W, Ports, Notice>;
  /** The client must offer one of these; the first that it offers is echoed. */
  readonly subprotocols?: readonly string[];
  /** The query parameters. Invalid ones are refused with 400. */
  readonly query?: Query;
  /** Limits that differ from the server's. */
  readonly limits?: Partial<Limits>;
  /** Admits a client without a key, by credentials that are valid for this door only. */
  passesWithoutKey?(request: Request): boolean;
  /**
   * Looks at the request before the upgrade, after which it cannot be read, and returns what `ports`
   * needs to know of the client.
   * @throws {Refused} when the socket must not open
   */
  admit?(visit: Visit, query: z.output<Query>): Client | Promise<Client>;
  /** Builds what the protocol needs from the world, once the socket is open. */
  ports(session: Session<Notice>, client: Client): Ports;
}

/** A WebSocket. `WS /` and `GET /` are different routes. */
export interface SocketRoute extends Described, Door<Wire, unknown, unknown, z.ZodObject, unknown> {
  readonly method: "WS";
}

/** The input and output of one HTTP operation. */
export interface Operation<Body extends z.ZodType, Query extends z.ZodObject> {
  /** The JSON body. */
  readonly body?: Body;
  /** Whether the body may also be a form, for clients that cannot send JSON. */
  readonly forms?: boolean;
  /** The query parameters; each value arrives as text. */
  readonly query?: Query;
  /** Whether to ignore unknown query parameters instead of refusing them with 400. */
  readonly anyQuery?: boolean;
  /** The answers by status, for the documents. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
}

/** An HTTP operation. */
export interface HttpRoute extends Described, Operation<z.ZodType, z.ZodObject> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "OPTIONS";
  /** Answers a request whose body and query match their schemas. */
  answer(visit: Visit, input: { body: unknown; query: unknown }): Response | Promise<Response>;
}

/** Any route. */
export type Route = SocketRoute | HttpRoute;

/** Declares an HTTP route whose `answer` is typed by its schemas. */
export function http<
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodObject = z.ZodObject,
>(
  route: Described & Operation<Body, Query> & {
    method: HttpRoute["method"];
    answer(
      visit: Visit,
      input: { body: z.output<Body>; query: z.output<Query> },
    ): Response | Promise<Response>;
  },
): HttpRoute {
  return route as HttpRoute;
}

/** Declares a GET for everyone, whatever its query says. */
export function publicGet(
  path: string,
  summary: string,
  schema: z.ZodType,
  answer: HttpRoute["answer"],
): HttpRoute {
  const answers = { 200: schema };
  return { method: "GET", path, summary, guard: "everyone", anyQuery: true, answers, answer };
}

/** Declares a door: one route for each of its paths, typed by its wire and protocol. */
export function socket<W extends Wire, Ports, Notice, Query extends z.ZodObject, Client>(
  { paths, ...door }:
    & Omit<Described, "path">
    & Door<W, Ports, Notice, Query, Client>
    & { readonly paths: readonly string[] },
): SocketRoute[] {
  return paths.map((path) => ({ method: "WS", path, ...door }) as unknown as SocketRoute);
}
