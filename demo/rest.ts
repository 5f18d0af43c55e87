/**
 * REST requests to the server.
 * @module
 */

/** An unexpected or missing answer over REST; the message contains it. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
}

/**
 * Sends a request and resolves with the JSON of the answer.
 * @throws {WrongAnswer} unless the answer is a 2xx with JSON
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
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch((error) => {
    throw new WrongAnswer(`${asked}: ${error.message}`);
  });
  const text = await response.text();
  if (!response.ok) throw new WrongAnswer(`${asked}: ${response.status} ${text}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new WrongAnswer(`${asked}: ${response.status} without JSON: ${text}`);
  }
}
