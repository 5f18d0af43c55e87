/**
 * Requests to the server.
 * @module
 */

/** An answer of REST that is none of those that are expected, or none at all; the message says it. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
}

/**
 * Asks, and resolves with what was answered.
 * @throws {WrongAnswer} for anything but a 2xx with JSON
 */
export async function ask(
  origin: string,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<unknown> {
  const asked = `${method} ${path}`;
  const response = await fetch(`${origin}/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  }).catch((error) => {
    throw new WrongAnswer(`${asked}: ${error.message}`);
  });
  const text = await response.text();
  if (!response.ok) throw new WrongAnswer(`${asked}: ${response.status} ${text}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new WrongAnswer(`${asked}: ${response.status}, and no JSON: ${text}`);
  }
}
