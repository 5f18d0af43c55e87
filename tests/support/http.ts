/**
 * Requests of tests, which are answered within the deadline or fail.
 * @module
 */
import { within } from "./arrivals.ts";

/** Asks over HTTP and reads the whole answer, which no test may wait for without end. */
export async function answerTo(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const giveUp = new AbortController();
  const asking = async () => {
    const response = await fetch(url, { ...init, signal: giveUp.signal });
    const { status, statusText, headers } = response;
    const body = await response.bytes();
    // A response with such a status takes no body, be it empty.
    const bodiless = body.length === 0 || status === 204 || status === 304;
    return new Response(bodiless ? null : body, { status, statusText, headers });
  };
  try {
    return await within(asking(), () => `${init.method ?? "GET"} ${url} is not answered`);
  } finally {
    giveUp.abort();
  }
}
