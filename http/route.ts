/**
 * Routes: a method, a path, who may use it, the schemas of input and output, and a handler. The API
 * documents are made from these as well.
 * @module
 */
import { z } from "zod";
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
  /** The client's address, without the port. */
  readonly remote: string;
}

/** What every route declares. */
interface Described {
  /** Segments that begin with a colon are parameters; `*` at the end takes the rest. */
  readonly path: string;
  /** One line for people. */
  readonly summary: string;
  readonly guard: Guard;
  /** The documented path that this one is an alias of. The documents omit aliases. */
  readonly aliasOf?: string;
}

/** A WebSocket. `WS /` and `GET /` are different routes. */
export interface SocketRoute extends Described {
  readonly method: "WS";
  /** The name of the door in documents and logs. */
  readonly door: string;
  readonly wire: Wire;
  /** The subprotocol that the protocol demands. */
  readonly subprotocol?: string;
  /** The query parameters. */
  readonly query?: z.ZodObject;
  /** Admits a client without a key, by credentials that are valid for this socket only. */
  admits?(request: Request): boolean;
  /** Refuses, or upgrades and returns the upgrade's own response. */
  open(visit: Visit): Response | Promise<Response>;
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

/** Declares a WebSocket route. */
export function socket(route: Omit<SocketRoute, "method">): SocketRoute {
  return { method: "WS", ...route };
}
