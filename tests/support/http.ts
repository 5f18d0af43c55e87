/**
 * HTTP requests with a deadline.
 * @module
 */
import { within } from "./arrivals.ts";

/** Sends a request and reads the whole answer within the deadline. */
export async function answerTo(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const giveUp = new AbortController();
  const asking = async () => {
    const response = await fetch(url, { ...init, signal: giveUp.signal });
    const { status, statusText, headers } = response;
    const body = await response.bytes();
    // A response with this status may have no body, not even an empty one.
    const bodiless = body.length === 0 || status === 204 || status === 304;
    return new Response(bodiless ? null : body, { status, statusText, headers });
  };
  try {
    return await within(asking(), () => `${init.method ?? "GET"} ${url} is not answered`);
  } finally {
    giveUp.abort();
  }
}
