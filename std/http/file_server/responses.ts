import { STATUS_TEXT } from "../status.ts";
import type { StatusCode } from "../status.ts";

/** A response of that status; without a body of its own it says the status in words. */
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
