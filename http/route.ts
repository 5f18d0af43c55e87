/**
 * What a URL is: a method, a path, who may use it, the shapes of what goes in and out, and who
 * answers. The documents are made from these as well.
 * @module
 */
import { z } from "zod";
import type { Wire } from "../session/wire.ts";

/**
 * Who may use a route: `everyone`; `key` holders, where keys are set; or a key holder in any case,
 * `always`.
 */
export type Guard = "everyone" | "key" | "always";

/** The media types of answers that are not JSON alone; the first is described by the schema. */
export const mediaTypes: z.core.$ZodRegistry<{ readonly types: readonly string[] }> = z.registry();

/** One request on its way, with what the dispatcher found out about it. */
export interface Visit {
  readonly request: Request;
  readonly url: URL;
  /** The named segments of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Names the request in logs and in the answer's `x-request-id`. */
  readonly requestId: string;
  /** The key that the visitor showed, if it was accepted. */
  readonly key: string | undefined;
  /** Names what a POST under an idempotency key does in the records that it writes. */
  readonly operation?: string;
  /** The visitor's address, without the port. */
  readonly remote: string;
}

/** What every route says of itself. */
interface Described {
  /** Segments that begin with a colon are parameters; `*` at the end takes the rest. */
  readonly path: string;
  /** One line for people. */
  readonly summary: string;
  readonly guard: Guard;
  /** The documented path for which this one is another spelling: the documents leave it out. */
  readonly aliasOf?: string;
}

/** A path that is opened as a WebSocket. `WS /` and `GET /` are different routes. */
export interface SocketRoute extends Described {
  readonly method: "WS";
  /** Names the door in documents and logs. */
  readonly door: string;
  readonly wire: Wire;
  /** The subprotocol that the document demands. */
  readonly subprotocol?: string;
  /** Query parameters that the document names. */
  readonly query?: z.ZodObject;
  /** Admits a visitor without a key, by credentials that open this socket only. */
  admits?(request: Request): boolean;
  /** Refuses, or upgrades and answers with the upgrade's own response. */
  open(visit: Visit): Response | Promise<Response>;
}

/** Shapes of one HTTP operation. */
export interface Operation<Body extends z.ZodType, Query extends z.ZodObject> {
  /** The JSON body that it takes. */
  readonly body?: Body;
  /** Whether the body may be a form instead: for visitors who send nothing else. */
  readonly forms?: boolean;
  /** The query parameters that it takes; everything arrives as text. */
  readonly query?: Query;
  /** Whether unknown query parameters are ignored; otherwise they are refused with 400. */
  readonly anyQuery?: boolean;
  /** What it answers by status, for the documents. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
}

/** A path that is asked over HTTP. */
export interface HttpRoute extends Described, Operation<z.ZodType, z.ZodObject> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "OPTIONS";
  /** Answers a request whose body and query have passed their schemas. */
  answer(visit: Visit, input: { body: unknown; query: unknown }): Response | Promise<Response>;
}

/** Any route of the table. */
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
