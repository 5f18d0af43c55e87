/**
 * Finds the route of a request and lets it answer. A WebSocket counts as a method of its own.
 * @module
 */
import { STATUS_CODE } from "@std/http/status";
import { asksForSocket, POWERED_BY } from "../session/handshake.ts";
import type { Limits } from "../session/limits.ts";
import type { Upgrade } from "../session/serve.ts";
import type { Admission } from "./admission/admission.ts";
import { actorOf, type Holder, LOCAL, mayUse } from "../access/holder.ts";
import { JwksUnavailable } from "../access/jwks.ts";
import { addressOf } from "./guards/address.ts";
import { BODY_LIMITS, type BodyLimits, checkMediaType, parseBody, readBytes } from "./body.ts";
import { allowReading, isPreflight, preflight } from "./guards/cors.ts";
import { cutOff } from "./cut_off.ts";
import type { Hosts } from "./guards/hosts.ts";
import type { IdempotentAnswers } from "./idempotency.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { shownKeys, unauthorized, withoutScope } from "./guards/keys.ts";
import { openSocket, type SocketOptions } from "./open_socket.ts";
import { Origins } from "./guards/origins.ts";
import { problem, Refused } from "./problem.ts";
import { readQuery } from "./query.ts";
import { type HttpRoute, type Route, SAFE_METHODS, type Visit } from "./route.ts";

/** What the router needs from the server. */
export interface RouterOptions extends SocketOptions {
  readonly routes: readonly Route[];
  /** The names of this server; without them it answers to every name. */
  readonly hosts?: Hosts;
  /** Origins of browser pages that may send requests, besides our own; `*` for all. */
  readonly allowedOrigins: readonly string[];
  /** Whether the proxy before us names the client in `X-Forwarded-For`. */
  readonly behindProxy?: boolean;
  /** Requests wait for it. */
  readonly ready?: Promise<void>;
  /** The limits of every socket; a door may set others. */
  readonly limits: Partial<Limits>;
  /** Lets requests and sockets in, and counts those that it does not; without it all come in. */
  readonly admission?: Admission;
  /** The limits of every body. */
  readonly bodies?: BodyLimits;
  /** Repeats the answer to a repeated POST. */
  readonly repeats: IdempotentAnswers;
  /** The refusal that an error of the domain means; undefined when it means none. */
  readonly refusalOf: (error: unknown) => Refused | undefined;
  /** Hears what a route threw: our fault, which the client never sees. */
  readonly failed: (error: unknown, requestId: string) => void;
}

/** The client of a request, as its transport knows it. */
export interface Origin extends Pick<Deno.ServeHandlerInfo, "remoteAddr"> {
  /** How the transport upgrades the request; by default that of `Deno.serve`. */
  readonly upgrade?: Upgrade;
  /** Settles when the answer has gone out, or its client has gone. */
  readonly completed?: Promise<void>;
}

/** Answers the requests of every transport. */
export type Handler = (request: Request, origin: Origin) => Promise<Response>;

/** Builds the handler of all requests. It never throws. */
export function router(options: RouterOptions): Handler {
  const patterns = options.routes.map((route) => ({
    // One object of limits for all sockets of a door.
    route: route.method === "WS"
      ? { ...route, limits: { ...options.limits, ...route.limits } }
      : route,
    pattern: compile(route.path),
  }));
  const origins = new Origins(options.allowedOrigins);
  const { bodies = BODY_LIMITS } = options;
  return async (request, info) => await cutOff(request, await handle(request, info), bodies);

  async function handle(request: Request, info: Origin): Promise<Response> {
    const requestId = crypto.randomUUID();
    const { headers } = request;
    const reader = origins.readableBy(headers);
    let place: Disposable | undefined;
    let visit: Visit | undefined;
    try {
      await options.ready;
      // Neither headers nor address can be read after an upgrade.
      const { remoteAddr } = info;
      const peer = "hostname" in remoteAddr ? remoteAddr.hostname : "";
      const address = addressOf(headers, peer, options.behindProxy ?? false);
      const url = urlOf(request);
      options.hosts?.check(headers, url);
      const found = matches(patterns, split(url.pathname));
      origins.check(request, url, found.some(({ route }) => isPortless(route, headers)));
      if (found.length === 0) throw new Refused(404, `No route matches ${url.pathname}`);
      if (isPreflight(request)) return finish(preflight(methodsOf(found)));
      const { route, params } = choose(found, request);
      if (route.from?.has(address) === false) throw forbidden(address);
      const holder = await options.access.identify(shownKeys(headers, url));
      const [actor, client] = [actorOf(holder), route.clientOf?.(params)];
      visit = { request, url, params, requestId, holder, address, actor, client };
      place = options.admission?.admit(route, visit);
      if (route.method !== "WS") {
        const response = finish(await answer(route, visit, options));
        leaveAfter(info.completed, place);
        return response;
      }
      const response = await openSocket(route, visit, place, options, info.upgrade);
      // jambonz has little room for headers, and knows us by the subprotocol.
      if (route.subprotocols === undefined) {
        response.headers.set(POWERED_BY.header, POWERED_BY.value);
      }
      return response;
    } catch (error) {
      place?.[Symbol.dispose]();
      if (visit !== undefined && error instanceof Refused) {
        options.admission?.refused(visit, error);
      }
      return finish(refusal(error, requestId));
    }

    function finish(response: Response): Response {
      response.headers.set("x-request-id", requestId);
      allowReading(response.headers, reader);
      return response;
    }
  }

  /** Says what the client may know: never the text of an error that is our fault. */
  function refusal(error: unknown, requestId: string): Response {
    if (error instanceof Refused) return error.response();
    if (error instanceof StoreUnavailable) return unavailable();
    if (error instanceof JwksUnavailable) {
      return problem(503, "The keys of the identity provider cannot be fetched now", RETRY_LATER);
    }
    options.failed(error, requestId);
    const detail = "The server failed; its log has the cause under this x-request-id";
    return problem(STATUS_CODE.InternalServerError, detail);
  }
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
  if (wanted === "WS") {
    throw new Refused(404, `No WebSocket matches ${new URL(request.url).pathname}`);
  }
  if (wanted === "GET" && found.some(({ route }) => route.method === "WS")) {
    throw new Refused(426, "This is a WebSocket: send an upgrade request", {
      headers: { upgrade: "websocket", connection: "upgrade" },
    });
  }
  const methods = methodsOf(found).join(", ");
  const { pathname } = new URL(request.url);
  throw new Refused(405, `Cannot ${request.method} ${pathname}: it takes ${methods}`, {
    headers: { allow: methods },
  });
}

/** The methods of a path; a WebSocket is opened with GET. */
function methodsOf(found: readonly Found[]): string[] {
  const methods = found.map(({ route }) => route.method);
  const allow: string[] = methods.filter((method) => method !== "WS");
  if (allow.includes("GET")) allow.push("HEAD");
  if (methods.includes("WS")) allow.push("GET");
  return [...new Set(allow)];
}

function isPortless(route: Route, headers: Headers): boolean {
  return route.method === "WS" && route.portlessOrigin === true && asksForSocket(headers);
}

async function answer(
  route: HttpRoute,
  visit: Visit,
  { access, bodies = BODY_LIMITS, repeats, refusalOf }: RouterOptions,
): Promise<Response> {
  const { holder } = visit;
  const mayPass = mayUse(holder, route.scope);
  if (route.admit === undefined && !mayPass) throw refusedKey(holder, route);
  const { headers, method } = visit.request;
  const query = readQuery(route, visit.url.searchParams);
  const key = method === "POST" ? headers.get("idempotency-key") : null;
  const { body: schema, forms } = route;
  const isUnsafe = !SAFE_METHODS.has(method);
  const bytes = isUnsafe || key !== null
    ? await readBytes(visit.request, bodies)
    : new Uint8Array();
  // A body may take its time, and its sender's key may have ended meanwhile.
  if (holder !== undefined && !access.isInForce(holder)) throw unauthorized();
  // `dev` is no secret.
  const byKey = mayPass && holder?.id !== LOCAL.id;
  if (route.admit?.(visit, bytes, byKey) === false) throw refusedKey(holder, route);
  if (isUnsafe) checkMediaType(headers, bytes, forms);
  const run = async (visit: Visit) => {
    const body = schema && await parseBody(headers, bytes, schema, bodies.json);
    try {
      return await route.answer(visit, { body, query });
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  };
  return key === null ? await run(visit) : await repeats.answer(key, visit, bytes, run);
}

function refusedKey(holder: Holder | undefined, { scope }: HttpRoute): Refused {
  return holder === undefined || holder.id === LOCAL.id
    ? unauthorized()
    : withoutScope(holder, scope);
}

function forbidden(address: string): Refused {
  return new Refused(403, `The address ${address} is not among those that may use this`);
}

const RETRY_LATER = { headers: { "retry-after": "5" } };

/** The client may try again. Why the store fails is in the log. */
function unavailable(): Response {
  const detail = "Nothing was persisted, so nothing was done: the store takes no writes now";
  return problem(503, detail, RETRY_LATER);
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
