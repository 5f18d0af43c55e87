/**
 * `Idempotency-Key`: a POST that is repeated is answered as it was answered before, and done once,
 * also when the server died in between.
 * @module
 */
import { createHash } from "node:crypto";
import type { RequestStore, StoredAnswer } from "../store/request_store.ts";
import { Refused } from "./problem.ts";
import type { Visit } from "./route.ts";

const KEY_CHARACTERS = 255;
/** Counted from the first request. A later repetition may be done again. */
export const KEPT_HOURS = 24;
/** One write forgets at most this many keys, so that no other write waits long for it. */
const FORGOTTEN_AT_ONCE = 500;
const KEPT_HEADERS = ["content-type", "location", "retry-after"];

/** A request that is being worked on. */
interface Running {
  readonly since: Date;
  readonly answer: Promise<StoredAnswer | undefined>;
}

/** Remembers requests by their keys. */
export class IdempotentAnswers {
  readonly #requests: RequestStore;
  readonly #now: () => Date;
  /** Requests that are being worked on: a repetition waits for them. */
  readonly #running = new Map<string, Running>();

  constructor(requests: RequestStore, now: () => Date) {
    this.#requests = requests;
    this.#now = now;
  }

  /**
   * Runs a request, or answers as before.
   * @throws {Refused} 409 when the key belongs to another request, 422 when it is too long
   */
  async answer(
    key: string,
    visit: Visit,
    body: Uint8Array,
    run: (visit: Visit) => Response | Promise<Response>,
  ): Promise<Response> {
    if (key === "" || key.length > KEY_CHARACTERS) {
      throw new Refused(422, `An Idempotency-Key has 1 to ${KEY_CHARACTERS} characters`);
    }
    // Keys of different visitors are different, without keeping what the visitor showed.
    const owned = digest(visit.key ?? "", key);
    const fingerprint = digest(visit.request.method, visit.url.pathname, visit.url.search, body);
    await this.#running.get(owned)?.answer.catch(() => undefined);
    const since = this.#now();
    const request = await this.#requests.open(owned, fingerprint, crypto.randomUUID(), since);
    if (request.fingerprint !== fingerprint) {
      throw new Refused(409, "This Idempotency-Key was used for another request");
    }
    if (request.answer !== null) return replay(request.answer);
    const running = this.#running.get(owned);
    if (running !== undefined) {
      const answer = await running.answer.catch(() => undefined);
      if (answer !== undefined) return replay(answer);
      throw new Refused(409, "The first request with this Idempotency-Key has failed; try again");
    }
    const { promise, resolve } = Promise.withResolvers<StoredAnswer | undefined>();
    this.#running.set(owned, { since, answer: promise });
    try {
      const response = await settle(() => run({ ...visit, operation: request.operation }));
      const answer = await this.#keep(owned, response);
      resolve(answer);
      return replay(answer);
    } finally {
      resolve(undefined);
      this.#running.delete(owned);
    }
  }

  /** Forgets the keys whose time is over; never one that is under way. */
  async forget(): Promise<void> {
    let beforeMs = this.#now().getTime() - KEPT_HOURS * 3_600_000;
    for (const { since } of this.#running.values()) beforeMs = Math.min(beforeMs, since.getTime());
    const before = new Date(beforeMs);
    while (await this.#requests.forget(before, FORGOTTEN_AT_ONCE) === FORGOTTEN_AT_ONCE);
  }

  /** Our own failures are not kept: the visitor may try again. */
  async #keep(owned: string, response: Response): Promise<StoredAnswer> {
    const { status } = response;
    const headers = Object.fromEntries(
      [...response.headers].filter(([name]) => KEPT_HEADERS.includes(name)),
    );
    const answer = { status, headers, body: await response.text() };
    if (status < 500) await this.#requests.answer(owned, answer);
    return answer;
  }
}

async function settle(run: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Refused) return error.response();
    throw error;
  }
}

function replay({ status, headers, body }: StoredAnswer): Response {
  return new Response(body === "" ? null : body, { status, headers });
}

function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}
