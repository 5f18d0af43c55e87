/**
 * Requests to a server that may end at any moment: repeated until they are answered.
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";
import type { Load } from "./load.ts";
import type { Json, RequestLog } from "./logs.ts";

const UNAVAILABLE = 503;
/** The share of POSTs that are repeated after their answer. */
const REPEATED = 0.2;

/** The request. */
export interface Asked {
  readonly method: "POST" | "PUT";
  readonly path: string;
  readonly body?: Json;
}

/**
 * Repeats a request until its answer, each POST with its own key, and sometimes once more.
 * @returns the answer's body, or undefined when it is refused or the run is over first
 */
export async function ask(
  load: Load,
  random: SeededRandom,
  { method, path, body }: Asked,
  log: RequestLog[],
): Promise<Json | undefined> {
  const key = method === "POST" ? load.name("key") : null;
  const request: RequestLog = { what: `${method} ${path}`, key, answers: [] };
  log.push(request);
  let times = key !== null && random.happens(REPEATED) ? 2 : 1;
  while (times > 0 && !load.over.aborted) {
    const answer = await askOnce(load, method, path, key, body);
    if (answer === undefined || answer.status === UNAVAILABLE) {
      await load.pause(random, 10, 30);
      continue;
    }
    request.answers.push(answer);
    times--;
  }
  const [answer] = request.answers;
  return answer !== undefined && answer.status < 300 ? JSON.parse(answer.body) : undefined;
}

/** One request; undefined when the server ends before its answer. */
export async function askOnce(
  load: Load,
  method: string,
  path: string,
  key: string | null,
  body?: Json,
): Promise<{ status: number; body: string } | undefined> {
  try {
    const response = await fetch(load.url("http", path), {
      method,
      headers: {
        ...(key === null ? {} : { "idempotency-key": key }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: load.over,
    });
    return { status: response.status, body: await response.text() };
  } catch {
    return undefined;
  }
}

/** The answer to a GET; undefined unless it is 200. */
export async function get(load: Load, path: string): Promise<Json | undefined> {
  const answer = await askOnce(load, "GET", path, null);
  return answer?.status === 200 ? JSON.parse(answer.body) : undefined;
}
