/**
 * What a URL is: a method, a path, who may use it, the shapes of what goes in and out, and what
 * answers. The documents are made from these too.
 * @module
 */
import type { z } from "zod";
import type { Limits } from "../session/limits.ts";
import type { Protocol } from "../session/protocol.ts";
import type { Session } from "../session/session.ts";
import type { Wire } from "../session/wire.ts";

/**
 * Who may use a route: `everyone`; `key` holders, where keys are set; or a key holder in any case,
 * `always`.
 */
export type Guard = "everyone" | "key" | "always";

/** A request, with what the router found out about it. */
export interface Visit {
  readonly request: Request;
  readonly url: URL;
  /** The named segments of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Names the request in logs and in the answer's `x-request-id`. */
  readonly requestId: string;
  /** The key that the visitor showed, if it was accepted. */
  readonly key: string | undefined;
  /** Names a POST under an idempotency key in the records that it writes. */
  readonly operation?: string;
  /** Names the visitor in records by the address: `rest 127.0.0.1`. Keys are secrets. */
  readonly actor: string;
}

/** What every route declares. */
interface Described {
  /** Segments that begin with a colon are parameters; `*` at the end takes the rest. */
  readonly path: string;
  /** One line for people. */
  readonly summary: string;
  readonly guard: Guard;
  /** The documented path of which this one is another spelling; the documents leave this one out. */
  readonly aliasOf?: string;
}

/** What is a door's own: the router authorises, upgrades and serves. */
interface Door<W extends Wire, Ports, Notice, Query extends z.ZodObject, Visitor> {
  /** Names the door in documents and logs, such as `live calls`. */
  readonly door: string;
  readonly wire: W;
  readonly protocol: Protocol<W, Ports, Notice>;
  /** The client must offer one of these; the first that it offers is echoed. */
  readonly subprotocols?: readonly string[];
  /** The query parameters that the document names; values that do not fit are refused with 400. */
  readonly query?: Query;
  /** Limits that differ from the server's. */
  readonly limits?: Partial<Limits>;
  /** Lets in a visitor without a key, by credentials that open only this door. */
  passesWithoutKey?(request: Request): boolean;
  /**
   * Looks at the request before the upgrade, after which it cannot be read, and returns what `ports`
   * needs to know of the visitor.
   * @throws {Refused} when the socket is not to be opened
   */
  admit?(visit: Visit, query: z.output<Query>): Visitor | Promise<Visitor>;
  /** Builds what the protocol needs from the world, once the socket is open. */
  ports(session: Session<Notice>, visitor: Visitor): Ports;
}

/** A path that is opened as a WebSocket. `WS /` and `GET /` are different routes. */
export interface SocketRoute extends Described, Door<Wire, unknown, unknown, z.ZodObject, unknown> {
  readonly method: "WS";
}

/** The shapes of one HTTP operation. */
export interface Operation<Body extends z.ZodType, Query extends z.ZodObject> {
  /** The JSON body. */
  readonly body?: Body;
  /** Whether the body may also be a form. */
  readonly forms?: boolean;
  /** The query parameters; every value arrives as text. */
  readonly query?: Query;
  /** Whether unknown query parameters are ignored instead of refused with 400. */
  readonly anyQuery?: boolean;
  /** The answer's shape by status, for the documents. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
}

/** A path that is called over HTTP. */
export interface HttpRoute extends Described, Operation<z.ZodType, z.ZodObject> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "OPTIONS";
  /** Answers a request whose body and query have passed their schemas. */
  answer(visit: Visit, input: { body: unknown; query: unknown }): Response | Promise<Response>;
}

/** A route of the server. */
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

/** Declares a door: one route for each of its paths, typed by its wire and protocol. */
export function socket<W extends Wire, Ports, Notice, Query extends z.ZodObject, Visitor>(
  { paths, ...door }:
    & Omit<Described, "path">
    & Door<W, Ports, Notice, Query, Visitor>
    & { readonly paths: readonly string[] },
): SocketRoute[] {
  return paths.map((path) => ({ method: "WS", path, ...door }) as unknown as SocketRoute);
}
