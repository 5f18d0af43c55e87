/**
 * Finds the route of a request and lets it answer. A WebSocket counts as a method of its own.
 * @module
 */
import { STATUS_CODE } from "@std/http/status";
import { asksForSocket, POWERED_BY } from "../session/handshake.ts";
import type { Limits } from "../session/limits.ts";
import { BODY_LIMITS, type BodyLimits, parseBody, readBytes } from "./body.ts";
import { addressOf } from "./admission/address.ts";
import type { Admission } from "./admission/admission.ts";
import { cutOff } from "./cut_off.ts";
import type { IdempotentAnswers } from "./idempotency.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { unauthorized } from "./keys.ts";
import { openSocket, type SocketOptions } from "./open_socket.ts";
import { problem, Refused } from "./problem.ts";
import { readQuery } from "./query.ts";
import type { HttpRoute, Route, Visit } from "./route.ts";

/** What the router needs from the server. */
export interface RouterOptions extends SocketOptions {
  readonly routes: readonly Route[];
  /** Requests wait for it. */
  readonly ready?: Promise<void>;
  /** The limits of every socket; a door may set others. */
  readonly limits: Partial<Limits>;
  /** Lets requests and sockets in, and counts those that it does not; without it all come in. */
  readonly admission?: Admission;
  /** Whether a proxy of ours names the clients in X-Forwarded-For. */
  readonly behindProxy?: boolean;
  /** The limits of every body. */
  readonly bodies?: BodyLimits;
  /** Repeats the answer to a repeated POST. */
  readonly repeats: IdempotentAnswers;
  /** The refusal that an error of the domain means; undefined when it means none. */
  readonly refusalOf: (error: unknown) => Refused | undefined;
  /** Hears what a route threw: our fault, which the client never sees. */
  readonly failed: (error: unknown, requestId: string) => void;
}

/** Builds the handler for `Deno.serve`. It never throws. */
export function router(options: RouterOptions): Deno.ServeHandler {
  const patterns = options.routes.map((route) => ({
    // One object of limits for all sockets of a door.
    route: route.method === "WS"
      ? { ...route, limits: { ...options.limits, ...route.limits } }
      : route,
    pattern: compile(route.path),
  }));
  const { bodies = BODY_LIMITS } = options;
  const handle: Deno.ServeHandler = async (request, info) => {
    await options.ready;
    const requestId = crypto.randomUUID();
    // Neither headers nor address can be read after an upgrade.
    const actor = `rest ${info.remoteAddr.transport === "tcp" ? info.remoteAddr.hostname : ""}`;
    const address = addressOf(request, info, options.behindProxy);
    let place: Disposable | undefined;
    let visit: Visit | undefined;
    try {
      const url = urlOf(request);
      const segments = split(url.pathname);
      const found = matches(patterns, segments);
      if (found.length === 0) throw new Refused(404, `No route matches ${url.pathname}`);
      const { route, params } = choose(found, request);
      const key = options.keys.shownBy(request, url);
      visit = { request, url, params, requestId, key, address, actor };
      place = options.admission?.admit(route, visit);
      if (route.method === "WS") {
        const response = await openSocket(route, visit, place, options);
        // jambonz has little room for headers, and knows us by the subprotocol.
        if (route.subprotocols === undefined) {
          response.headers.set(POWERED_BY.header, POWERED_BY.value);
        }
        return response;
      }
      if (!options.keys.mayPass(route.guard, key)) throw unauthorized();
      const response = withRequestId(await answer(route, visit, options), requestId);
      leaveAfter(info.completed, place);
      return response;
    } catch (error) {
      place?.[Symbol.dispose]();
      if (visit !== undefined && error instanceof Refused) {
        options.admission?.refused(visit, error);
      }
      if (error instanceof Refused) return withRequestId(error.response(), requestId);
      if (error instanceof StoreUnavailable) {
        return withRequestId(unavailable(error), requestId);
      }
      options.failed(error, requestId);
      const detail = "The server failed; its log has the cause under this x-request-id";
      return withRequestId(problem(STATUS_CODE.InternalServerError, detail), requestId);
    }
  };
  return async (request, info) => await cutOff(request, await handle(request, info), bodies);
}

/** Leaves when the answer has gone out, or its client has gone. */
function leaveAfter(completed: Promise<void> | undefined, place: Disposable | undefined): void {
  if (place === undefined) return;
  const leave = () => place[Symbol.dispose]();
  (completed ?? Promise.resolve()).then(leave, leave);
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
  const methods = [...new Set(allow)].join(", ");
  const { pathname } = new URL(request.url);
  throw new Refused(405, `Cannot ${request.method} ${pathname}: it takes ${methods}`, {
    headers: { allow: methods },
  });
}

async function answer(
  route: HttpRoute,
  visit: Visit,
  { bodies = BODY_LIMITS, repeats, refusalOf }: RouterOptions,
): Promise<Response> {
  const { headers, method } = visit.request;
  const query = readQuery(route, visit.url.searchParams);
  const key = method === "POST" ? headers.get("idempotency-key") : null;
  const { body: schema, forms } = route;
  const bytes = schema === undefined && key === null
    ? new Uint8Array()
    : await readBytes(visit.request, bodies);
  const run = async (visit: Visit) => {
    const body = schema &&
      await parseBody(headers, bytes, { body: schema, forms, json: bodies.json });
    try {
      return await route.answer(visit, { body, query });
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  };
  return key === null ? await run(visit) : await repeats.answer(key, visit, bytes, run);
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
  const found: Found[] = [];
  for (const { route, pattern } of patterns) {
    const params = match(pattern, segments);
    if (params !== undefined) found.push({ route, params });
  }
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

function match(pattern: Pattern, segments: readonly string[]): Record<string, string> | undefined {
  const rest = pattern.at(-1) === "*";
  if (rest ? segments.length < pattern.length : segments.length !== pattern.length) {
    return undefined;
  }
  // Every request asks this of every route: nothing is built for those that do not match.
  const fits = (part: string, index: number) =>
    part === segments[index] || part === "*" || part.startsWith(":");
  if (!pattern.every(fits)) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    if (part === "*") params["*"] = segments.slice(index).join("/");
    else if (part.startsWith(":")) params[part.slice(1)] = segments[index] ?? "";
  }
  return params;
}
