/**
 * Routes: a method, a path, who may use it, the schemas of input and output, and a handler. The API
 * documents are made from these as well.
 * @module
 */
import { z } from "zod";
import type { Holder } from "../access/holder.ts";
import type { NeededScope } from "../access/scopes.ts";
import type { AddressList } from "./guards/address.ts";
import type { Limits } from "../session/limits.ts";
import type { Protocol } from "../session/protocol.ts";
import type { Session } from "../session/session.ts";
import type { Wire } from "../session/wire.ts";

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
  /** Whose key or token was accepted; on a server without keys `LOCAL`, for everybody. */
  readonly holder: Holder | undefined;
  /** The client's address; a proxy that is not declared counts as the client. */
  readonly address: string;
  /** Whose connection it is, where the route says so. */
  readonly client?: string | undefined;
  /** Identifies a POST with an idempotency key in the records that it writes. */
  readonly operation?: string;
  /** Names the client in records by its key: `key:3Fq0ZpX8aB crm`. */
  readonly actor: string;
}

/** What every route declares. */
interface Described {
  /** Segments that begin with a colon are parameters; `*` at the end takes the rest. */
  readonly path: string;
  /** One line for people. */
  readonly summary: string;
  /** What a key must be for. Without keys, on loopback, everybody may use it. */
  readonly scope: NeededScope;
  /** The addresses that may use it; all without a list. */
  readonly from?: AddressList;
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
  /** What some of the client's messages need besides the door's own scope, by their types. */
  readonly messageScopes?: Readonly<Record<string, NeededScope>>;
  /** Limits that differ from the server's. */
  readonly limits?: Partial<Limits>;
  /** Accepts the server's host without its port as Origin, which libwebsockets sends. */
  readonly portlessOrigin?: boolean;
  /** Admits a client without a key, by credentials that are valid for this door only. */
  passesWithoutKey?(visit: Visit): boolean;
  /** Asks for a key, or for what `identify` takes, on a server without keys as well. */
  readonly always?: boolean;
  /** The holder of credentials that are valid for this door only, where no key lets the client in. */
  identify?(visit: Visit): Holder | undefined | Promise<Holder | undefined>;
  /** Whose credentials these are: when that key ends, the socket is closed. */
  holderOf?(client: Client): Holder | undefined;
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
  /**
   * Whether a request may pass, where the key is not the only way in. Replaces the check of `guard`;
   * `byKey` says that the request shows a key which opens the route.
   * @throws {Refused} for what must not pass even with a key
   */
  admit?(visit: Visit, bytes: Uint8Array, byKey: boolean): boolean;
  /** Answers a request whose body and query match their schemas. */
  answer(visit: Visit, input: { body: unknown; query: unknown }): Response | Promise<Response>;
}

/** Methods that change nothing. */
export const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Any route. */
export type Route = SocketRoute | HttpRoute;

/** Declares an HTTP route whose `answer` is typed by its schemas. */
export function http<
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodObject = z.ZodObject,
>(
  route: Described & Operation<Body, Query> & {
    method: HttpRoute["method"];
    admit?: HttpRoute["admit"];
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
  return { method: "GET", path, summary, scope: "everyone", anyQuery: true, answers, answer };
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
