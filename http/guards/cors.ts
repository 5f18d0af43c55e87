/**
 * Lets pages of allowed origins read our answers. Credentials are never allowed: a page sends a key, and
 * no cookie would mean anything here.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */
/** What a page may send besides what every form can. */
const REQUEST_HEADERS =
  "Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Range";

/** What a page may read besides the body, its type and its length. */
const ANSWER_HEADERS = "Accept-Ranges, Allow, Content-Disposition, Content-Range, ETag, Link, " +
  "Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id";

/** How long a browser may remember what a preflight said. */
const REMEMBERED_S = 600;

/** Whether a request only asks what a page may send. */
export function isPreflight({ method, headers }: Pick<Request, "method" | "headers">): boolean {
  return method === "OPTIONS" && headers.has("origin") &&
    headers.has("access-control-request-method");
}

/** Answers a preflight: `methods` are those of the path. */
export function preflight(methods: readonly string[]): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers": REQUEST_HEADERS,
      "access-control-max-age": String(REMEMBERED_S),
    },
  });
}

/** Lets `reader`, an origin or `*`, read an answer; undefined lets no page elsewhere. */
export function allowReading(answer: Headers, reader: string | undefined): void {
  // The answer to one origin is not the answer to another, in a cache neither.
  answer.append("vary", "Origin");
  if (reader === undefined) return;
  answer.set("access-control-allow-origin", reader);
  answer.set("access-control-expose-headers", ANSWER_HEADERS);
}
