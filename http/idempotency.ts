/**
 * `Idempotency-Key`: a repeated POST gets the first answer and is done once, even if the server died
 * in between.
 * @module
 */
import { createHash } from "node:crypto";
import type { RequestStore, StoredAnswer } from "../store/request_store.ts";
import { grantOf, type Holder, isTokenId } from "../access/holder.ts";
import { Refused } from "./problem.ts";
import type { Visit } from "./route.ts";

const KEY_CHARACTERS = 255;
/** How long a key is stored, from its first request. A later repetition is a new request. */
export const KEY_HOURS = 24;
/** One write deletes at most this many keys, so no other write waits long. */
const FORGOTTEN_AT_ONCE = 500;
const STORED_HEADERS = ["cache-control", "content-type", "location", "retry-after"];

/** A request that is running. */
interface Running {
  readonly since: Date;
  readonly answer: Promise<StoredAnswer | undefined>;
}

/** Answers requests by their keys. */
export class IdempotentAnswers {
  readonly #requests: RequestStore;
  readonly #now: () => Date;
  /** Running requests: a repetition waits for them. */
  readonly #running = new Map<string, Running>();

  constructor(requests: RequestStore, now: () => Date) {
    this.#requests = requests;
    this.#now = now;
  }

  /**
   * Runs a request, or repeats its first answer.
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
    const owned = digest(ownerOf(visit.holder), key);
    const fingerprint = digest(visit.request.method, visit.url.pathname, visit.url.search, body);
    await this.#running.get(owned)?.answer.catch(() => undefined);
    const since = this.#now();
    const request = await this.#requests.open(owned, fingerprint, crypto.randomUUID(), since);
    if (request.fingerprint !== fingerprint) {
      throw new Refused(409, "This Idempotency-Key belongs to another request");
    }
    if (request.answer !== null) return replay(request.answer);
    const running = this.#running.get(owned);
    if (running !== undefined) {
      const answer = await running.answer.catch(() => undefined);
      if (answer !== undefined) return replay(answer);
      throw new Refused(409, "The first request with this Idempotency-Key failed; try again");
    }
    const { promise, resolve } = Promise.withResolvers<StoredAnswer | undefined>();
    this.#running.set(owned, { since, answer: promise });
    try {
      const response = await settle(() => run({ ...visit, operation: request.operation }));
      const answer = await this.#persist(owned, response);
      resolve(answer);
      return replay(answer);
    } finally {
      resolve(undefined);
      this.#running.delete(owned);
    }
  }

  /** Deletes expired keys, but never one whose request is running. */
  async forget(): Promise<void> {
    let beforeMs = this.#now().getTime() - KEY_HOURS * 3_600_000;
    for (const { since } of this.#running.values()) beforeMs = Math.min(beforeMs, since.getTime());
    const before = new Date(beforeMs);
    while (await this.#requests.forget(before, FORGOTTEN_AT_ONCE) === FORGOTTEN_AT_ONCE);
  }

  /** Does not store our own failures: the client may try again. */
  async #persist(owned: string, response: Response): Promise<StoredAnswer> {
    const { status } = response;
    const headers = Object.fromEntries(
      [...response.headers].filter(([name]) => STORED_HEADERS.includes(name)),
    );
    const answer = { status, headers, body: await response.text() };
    // An answer that nobody may store has a secret in it.
    const mayStore = response.headers.get("cache-control") !== "no-store";
    if (status < 500 && mayStore) await this.#requests.answer(owned, answer);
    return answer;
  }
}

/**
 * Each holder has its own keys. What a key of ours may do never changes; tokens of one subject may
 * differ, and one that may do less must not get the answer to another.
 */
function ownerOf(holder: Holder | undefined): string {
  if (holder === undefined) return "";
  return isTokenId(holder.id) ? grantOf(holder) : holder.id;
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
