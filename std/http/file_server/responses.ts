import { STATUS_TEXT } from "../status.ts";
import type { StatusCode } from "../status.ts";

/** A response with this status; the default body is the text of the status. */
export function respond(
  status: StatusCode,
  headers = new Headers(),
  body: BodyInit | null = STATUS_TEXT[status],
): Response {
  return new Response(body, { status, statusText: STATUS_TEXT[status], headers });
}

/** The headers that every response to a successful request has. */
export function baseHeaders(): Headers {
  return new Headers({ "server": "deno", "accept-ranges": "bytes" });
}
