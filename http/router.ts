/**
 * Dispatch: which route a request belongs to. A WebSocket is a method of its own here.
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

/** What the dispatcher needs from the server. */
export interface RouterOptions {
  readonly routes: readonly Route[];
  readonly keys: Keys;
  /** Origins of browser pages that may open sockets, beside our own and loopback's. */
  readonly allowedOrigins: readonly string[];
  /** Aborted when the server stops: sockets then get 503. */
  readonly stopping: AbortSignal;
  /** Answers a repeated POST as it was answered before. */
  readonly repeats: IdempotentAnswers;
  /** Is told what a route threw: our fault, which the visitor never sees. */
  readonly failed: (error: unknown, requestId: string) => void;
}

/** Builds the handler for `Deno.serve`: it never throws. */
export function router(dispatch: RouterOptions): Deno.ServeHandler {
  const patterns = dispatch.routes.map((route) => ({ route, pattern: compile(route.path) }));
  return async (request, info) => {
    const requestId = crypto.randomUUID();
    // After an upgrade neither headers nor address can be read any more.
    const remote = info.remoteAddr.transport === "tcp" ? info.remoteAddr.hostname : "";
    try {
      const url = urlOf(request);
      const segments = split(url.pathname);
      const found = matches(patterns, segments);
      if (found.length === 0) throw new Refused(404, `There is nothing at ${url.pathname}`);
      const { route, params } = choose(found, request);
      const key = dispatch.keys.shownBy(request, url);
      const visit: Visit = { request, url, params, requestId, key, remote };
      if (route.method === "WS") {
        const response = await openSocket(route, visit, dispatch);
        if (response.status !== 101) return withRequestId(response, requestId);
        // An upgrade's own response must be answered. jambonz has little room for headers, and it
        // is told who we are by the subprotocol.
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
      const detail = "Something went wrong on our side";
      return withRequestId(problem(STATUS_CODE.InternalServerError, detail), requestId);
    }
  };
}

/** @throws {Refused} 400 when the request's Host makes no URL */
function urlOf(request: Request): URL {
  try {
    return new URL(request.url);
  } catch {
    throw new Refused(400, "The header Host is not a host");
  }
}

interface Found {
  readonly route: Route;
  readonly params: Record<string, string>;
}

/** @throws {Refused} 405 with the methods that are there, 426 where there is only a socket */
function choose(found: readonly Found[], request: Request): Found {
  const method = asksForSocket(request.headers) ? "WS" : request.method;
  const wanted = method === "HEAD" ? "GET" : method;
  const chosen = found.find(({ route }) => route.method === wanted);
  if (chosen !== undefined) return chosen;
  const allowed = [...new Set(found.map(({ route }) => route.method))];
  if (wanted === "WS") {
    throw new Refused(404, `There is no WebSocket at ${new URL(request.url).pathname}`);
  }
  const allow = allowed.filter((name) => name !== "WS");
  if (allow.includes("GET")) allow.push("HEAD" as never);
  if (wanted === "GET" && allowed.includes("WS")) {
    throw new Refused(426, "This is a WebSocket: open it with an upgrade", {
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

/** 401 for whoever shows no key, or none of ours. */
export function unauthorized(): Refused {
  return new Refused(401, "Show a key: bearer, Basic password, or ?key=", {
    headers: { "www-authenticate": 'Bearer realm="tipring"' },
  });
}

/** The disk takes nothing now: the visitor may try again. */
function unavailable({ message }: StoreUnavailable): Response {
  return problem(503, `Nothing was kept, so nothing was done. ${message}`, {
    headers: { "retry-after": "5" },
  });
}

function withRequestId(response: Response, requestId: string): Response {
  response.headers.set("x-request-id", requestId);
  return response;
}

type Pattern = readonly string[];

/** Platforms join URLs carelessly: where nothing is at `/app//adulting`, `/app/adulting` is meant. */
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
