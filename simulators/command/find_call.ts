/**
 * Finds the call for `sim watch`.
 * @module
 */
import { z } from "zod";
import { SimulatedTime } from "../time/simulated_time.ts";
import { WHO_CHARACTERS } from "../output/timeline.ts";
import { unreachable } from "../output/connection_ends.ts";

/** The used members of an entry of the call log. */
const Entry = z.looseObject({
  id: z.string(),
  platformId: z.string().optional(),
  liveConversationToken: z.string().optional(),
});
type Entry = z.infer<typeof Entry>;
const CallLog = z.object({ calls: z.array(Entry) });

/** The interval between reads of the call log while no call is in progress. */
const LOOK_EVERY_MS = 500;
/** How many calls are searched for a platform's id: the largest page. */
const SEARCHED_CALLS = 500;

/** No call to watch; the message says why. */
export class CallNotFound extends Error {
  override readonly name = "CallNotFound";
}

/** How long to wait for the next call. */
export interface Waiting {
  /** Gives up after this time; never with Infinity. */
  readonly atMostMs: number;
  /** Gives up when aborted. */
  readonly signal: AbortSignal;
  /** Called when the wait begins. */
  began(): void;
}

/**
 * The conversation token of the newest call in progress, or of the next one.
 * @throws {CallNotFound} when none comes in time
 */
export async function findLatest(
  url: string,
  key: string,
  { atMostMs, signal, began }: Waiting,
): Promise<string> {
  const time = new SimulatedTime();
  for (let looks = 0;; looks++) {
    const token = (await callLog(url, key)).find(isOn)?.liveConversationToken;
    if (token !== undefined) return token;
    if (looks === 0) began();
    const leftMs = Math.min(LOOK_EVERY_MS, atMostMs - time.nowMs);
    if (leftMs <= 0) throw new CallNotFound(`No call came within ${atMostMs / 1000} s`);
    if (!await time.sleep(leftMs / 1000, signal)) throw new CallNotFound("No call came");
  }
}

/**
 * The conversation token of a call: by its id, by its platform's id or the beginning that
 * simulators print on each line, or by the token itself.
 * @throws {CallNotFound} when the call is over, or several match
 */
export async function findToken(url: string, which: string, key = "dev"): Promise<string> {
  const response = await ask(url, `/api/v1/calls/${encodeURIComponent(which)}`, key);
  const call = Entry.safeParse(response.ok ? response.body : undefined);
  const named = call.success ? [call.data] : await byPlatformId(url, which, key);
  // Otherwise it is a token, which the server checks.
  if (named.length === 0) return which;
  const [first, ...more] = named.filter(isOn);
  if (first === undefined) throw new CallNotFound(`Call ${which} is over`);
  if (more.length > 0) {
    const ids = [first, ...more].map(({ platformId }) => platformId).join(", ");
    throw new CallNotFound(`More than one call in progress matches ${which}: ${ids}`);
  }
  return first.liveConversationToken!;
}

async function byPlatformId(url: string, which: string, key: string): Promise<readonly Entry[]> {
  const path = `/api/v1/calls?limit=${SEARCHED_CALLS}`;
  const { ok, body } = await ask(url, path, key);
  // A server without a call log may still know the token.
  const calls = CallLog.safeParse(ok ? body : undefined).data?.calls ?? [];
  const exact = calls.filter(({ platformId }) => platformId === which);
  if (exact.length > 0 || which.length < WHO_CHARACTERS) return exact;
  return calls.filter(({ platformId }) => platformId?.startsWith(which));
}

async function callLog(url: string, key: string): Promise<readonly Entry[]> {
  const { status, ok, body } = await ask(url, "/api/v1/calls", key);
  const log = CallLog.safeParse(ok ? body : undefined);
  if (log.success) return log.data.calls;
  const hint = status === 401 ? ": is the key right (--key)?" : "";
  throw new CallNotFound(`Cannot read the call log of ${url}: it answers ${status}${hint}`);
}

function isOn({ liveConversationToken }: Entry): boolean {
  return liveConversationToken !== undefined;
}

async function ask(url: string, path: string, key: string) {
  const http = url.replace(/^ws/, "http");
  const response = await fetch(new URL(path, http), {
    headers: { authorization: `Bearer ${key}` },
  }).catch((error) => {
    throw new CallNotFound(
      unreachable(url, error) ?? `${http} does not answer: ${error.message}`,
    );
  });
  // An unknown path may have any answer.
  const body: unknown = await response.json().catch(() => undefined);
  return { status: response.status, ok: response.ok, body };
}
