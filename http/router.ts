/**
 * Finds the route of a request and lets it answer. A WebSocket counts as a method of its own.
 * @module
 */
import { STATUS_CODE } from "@std/http/status";
import { asksForSocket, checkHandshake, mayConnectFrom, POWERED_BY } from "../session/handshake.ts";
import { parseBody, readBytes } from "./body.ts";
import type { IdempotentAnswers } from "./idempotency.ts";
import { StoreUnavailable } from "../store/errors.ts";
import type { Keys } from "./keys.ts";
import { problem, Refused } from "./problem.ts";
import { readQuery } from "./query.ts";
import type { HttpRoute, Route, SocketRoute, Visit } from "./route.ts";

/** What the router needs from the server. */
export interface RouterOptions {
  readonly routes: readonly Route[];
  readonly keys: Keys;
  /** Origins of browser pages that may open sockets, besides our own and loopback. */
  readonly allowedOrigins: readonly string[];
  /** Aborted when the server stops: new sockets then get 503. */
  readonly stopping: AbortSignal;
  /** Repeats the first answer to a repeated POST. */
  readonly repeats: IdempotentAnswers;
  /** Hears what a route threw: our fault, which the client never sees. */
  readonly failed: (error: unknown, requestId: string) => void;
}

/** Makes the handler for `Deno.serve`. It never throws. */
export function router(dispatch: RouterOptions): Deno.ServeHandler {
  const patterns = dispatch.routes.map((route) => ({ route, pattern: compile(route.path) }));
  return async (request, info) => {
    const requestId = crypto.randomUUID();
    // After an upgrade neither headers nor address can be read.
    const remote = info.remoteAddr.transport === "tcp" ? info.remoteAddr.hostname : "";
    try {
      const url = urlOf(request);
      const segments = split(url.pathname);
      const found = matches(patterns, segments);
      if (found.length === 0) throw new Refused(404, `No route matches ${url.pathname}`);
      const { route, params } = choose(found, request);
      const key = dispatch.keys.shownBy(request, url);
      const visit: Visit = { request, url, params, requestId, key, remote };
      if (route.method === "WS") {
        const response = await openSocket(route, visit, dispatch);
        if (response.status !== 101) return withRequestId(response, requestId);
        // An upgrade must return its own response. jambonz has little room for headers, and its
        // subprotocol already says who we are.
        if (route.subprotocol === undefined) {
          response.headers.set(POWERED_BY.header, POWERED_BY.value);
        }
        return response;
      }
      if (!dispatch.keys.mayPass(route.guard, key)) throw unauthorized();
      return withRequestId(await answer(route, visit, dispatch.repeats), requestId);
    } catch (error) {
      if (error instanceof Refused) return withRequestId(error.response(), requestId);
      if (error instanceof StoreUnavailable) {
        return withRequestId(unavailable(error), requestId);
      }
      dispatch.failed(error, requestId);
      const detail = "The server failed; its log has the cause under this x-request-id";
      return withRequestId(problem(STATUS_CODE.InternalServerError, detail), requestId);
    }
  };
}

/** @throws {Refused} 400 when the request's Host makes no URL */
function urlOf(request: Request): URL {
  try {
    return new URL(request.url);
  } catch {
    throw new Refused(400, "The header Host is not a valid host");
  }
}

interface Found {
  readonly route: Route;
  readonly params: Record<string, string>;
}

/** @throws {Refused} 404 for no socket, 405 with the allowed methods, 426 for only a socket */
function choose(found: readonly Found[], request: Request): Found {
  const method = asksForSocket(request.headers) ? "WS" : request.method;
  const wanted = method === "HEAD" ? "GET" : method;
  const chosen = found.find(({ route }) => route.method === wanted);
  if (chosen !== undefined) return chosen;
  const allowed = [...new Set(found.map(({ route }) => route.method))];
  if (wanted === "WS") {
    throw new Refused(404, `No WebSocket matches ${new URL(request.url).pathname}`);
  }
  const allow = allowed.filter((name) => name !== "WS");
  if (allow.includes("GET")) allow.push("HEAD" as never);
  if (wanted === "GET" && allowed.includes("WS")) {
    throw new Refused(426, "This is a WebSocket: send an upgrade request", {
      headers: { upgrade: "websocket", connection: "upgrade" },
    });
  }
  if (allowed.includes("WS")) allow.push("GET");
  throw new Refused(405, `${request.method} is not allowed here`, {
    headers: { allow: [...new Set(allow)].join(", ") },
  });
}

async function openSocket(
  route: SocketRoute,
  visit: Visit,
  { keys, allowedOrigins, stopping }: RouterOptions,
): Promise<Response> {
  const { headers } = visit.request;
  const refusal = checkHandshake(visit.request);
  if (refusal !== undefined) {
    throw new Refused(refusal.status, refusal.detail, { headers: refusal.headers });
  }
  if (!mayConnectFrom(headers, allowedOrigins)) {
    throw new Refused(403, `Pages of ${headers.get("origin")} may not connect`);
  }
  if (!keys.mayPass(route.guard, visit.key) && !route.admits?.(visit.request)) throw unauthorized();
  if (stopping.aborted) {
    throw new Refused(503, "The server is stopping", { headers: { "retry-after": "5" } });
  }
  return await route.open(visit);
}

async function answer(
  route: HttpRoute,
  visit: Visit,
  repeats: IdempotentAnswers,
): Promise<Response> {
  const { headers, method } = visit.request;
  const query = readQuery(route, visit.url.searchParams);
  const key = method === "POST" ? headers.get("idempotency-key") : null;
  if (route.body === undefined && key === null) {
    return await route.answer(visit, { body: undefined, query });
  }
  const bytes = await readBytes(visit.request);
  const { body: schema, forms } = route;
  const run = async (visit: Visit) => {
    const body = schema && await parseBody(headers, bytes, { body: schema, forms });
    return await route.answer(visit, { body, query });
  };
  return key === null ? await run(visit) : await repeats.answer(key, visit, bytes, run);
}

/** 401 for a request without a key, or with an unknown one. */
export function unauthorized(): Refused {
  return new Refused(401, "Send a key: bearer, Basic password, or ?key=", {
    headers: { "www-authenticate": 'Bearer realm="tipring"' },
  });
}

/** The store accepts no writes now: the client may try again. */
function unavailable({ message }: StoreUnavailable): Response {
  return problem(503, `Nothing was persisted, so nothing was done. ${message}`, {
    headers: { "retry-after": "5" },
  });
}

function withRequestId(response: Response, requestId: string): Response {
  response.headers.set("x-request-id", requestId);
  return response;
}

type Pattern = readonly string[];

/** Platforms join URLs carelessly: `/app//adulting` means `/app/adulting` if no route matches it. */
function matches(
  patterns: readonly { route: Route; pattern: Pattern }[],
  segments: readonly string[],
): Found[] {
  const found = patterns.flatMap(({ route, pattern }) => {
    const params = match(pattern, segments);
    return params === undefined ? [] : [{ route, params }];
  });
  const filled = segments.filter((segment) => segment !== "");
  if (found.length > 0 || filled.length === 0 || filled.length === segments.length) return found;
  return matches(patterns, filled);
}

function compile(path: string): Pattern {
  return path.split("/").slice(1);
}

/** @throws {Refused} 400 when a segment is not valid percent-encoded UTF-8 */
function split(pathname: string): string[] {
  return pathname.split("/").slice(1).map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      throw new Refused(400, "The path is not valid percent-encoded UTF-8");
    }
  });
}

function match(
  pattern: Pattern,
  segments: readonly string[],
): Record<string, string> | undefined {
  const rest = pattern.at(-1) === "*";
  if (rest ? segments.length < pattern.length : segments.length !== pattern.length) {
    return undefined;
  }
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? "";
    if (part === "*") params["*"] = segments.slice(index).join("/");
    else if (part.startsWith(":")) params[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return params;
}
