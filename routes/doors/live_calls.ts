/**
 * The live calls door: `WS /ws/v1/liveCalls`.
 * @module
 */
import { z } from "zod";
import type { Calls } from "../../calls/calls.ts";
import type { CallRecord, RecordEvent } from "../../calls/call_record.ts";
import type { Outcome } from "../../calls/live_call.ts";
import { nameOf, toE164 } from "../../phone/number.ts";
import { ALL_SCOPES, type Scope, type Tickets } from "../../calls/tickets.ts";
import { liveCallsWire } from "../../protocols/live_calls/messages.ts";
import {
  liveCalls,
  type LiveCallsNotice,
  type LiveCallsPorts,
} from "../../protocols/live_calls/session.ts";
import { turn } from "../../session/broadcast.ts";
import { upgrade } from "../../session/serve.ts";
import type { Session } from "../../session/session.ts";
import { echoedSubprotocol } from "../../http/keys.ts";
import type { Services } from "../services.ts";
import { problem } from "../../http/problem.ts";
import { socket, type SocketRoute, type Visit } from "../../http/route.ts";
import { unauthorized } from "../../http/router.ts";

/** Who watches, as far as the request says it. */
interface Watcher {
  /** Names the watcher in the record and tells its messages from others'. */
  readonly actor: string;
  readonly userId: string | null;
  readonly productVersion: string | null;
}

/** Who was let in, where the watcher goes on, and what the watcher may do. */
interface Admission {
  readonly watcher: Watcher;
  readonly after: number | undefined;
  readonly scopes: ReadonlySet<Scope>;
}

/** The query parameters of the live calls door. */
export const LiveCallsQuery = z.object({
  conversationToken: z.string().min(1).meta({
    description: "The liveConversationToken of an entry of the call log",
  }),
  ticket: z.string().optional().meta({
    description: "A single-use ticket, instead of the Authorization header",
  }),
  after: z.coerce.number().int().nonnegative().optional().meta({
    description: "The last seq that the watcher knows: it goes on from there, and hears each seq",
  }),
});

/** The routes of the live calls door. */
export function liveCallsRoutes(services: Services, tickets: Tickets): SocketRoute[] {
  const { limits, observe, sessions, calls } = services;
  return [socket({
    path: "/ws/v1/liveCalls",
    door: "live calls",
    summary: "People watch a call as it happens, join it or end it",
    // A ticket takes the place of a key, so that the door looks for itself.
    guard: "everyone",
    wire: liveCallsWire,
    query: LiveCallsQuery,
    async open(visit) {
      const { request, url, key } = visit;
      const query = LiveCallsQuery.safeParse(Object.fromEntries(url.searchParams));
      if (!query.success) {
        return problem(400, "conversationToken must be given, and after must be a seq", {
          errors: query.error.issues.map(({ path, message }) => ({
            field: path.join("."),
            message,
          })),
        });
      }
      const { conversationToken, ticket, after } = query.data;
      const call = await calls.findByToken(conversationToken);
      const scopes = key !== undefined
        ? new Set(ALL_SCOPES)
        : ticket !== undefined && call !== undefined
        ? tickets.take(ticket, call.id)
        : undefined;
      if (scopes === undefined) throw unauthorized();
      if (call === undefined) return problem(404, "No call has this conversationToken");
      // Whoever was there before may still hear how it ended.
      if (call.state === "ended" && after === undefined) return problem(404, "The call is over");
      const watcher = watcherOf(visit);
      return upgrade(request, {
        door: "live calls",
        wire: liveCallsWire,
        protocol: liveCalls,
        context: (session: Session<LiveCallsNotice>) =>
          world(session, call, { watcher, after, scopes }, services),
        limits,
        observe,
        sessions,
      }, echoedSubprotocol(request.headers));
    },
  })];
}

function watcherOf({ request: { headers }, url, requestId }: Visit): Watcher {
  const find = (pattern: RegExp) => [...headers].find(([name]) => pattern.test(name))?.[1] ?? null;
  const userId = find(/^x-(.+-)?user-id$/) ?? url.searchParams.get("user_id");
  const productVersion = find(/^x-(.+-)?product-version$/);
  return {
    actor: userId === null ? `watcher ${requestId}` : `user ${userId}`,
    userId,
    productVersion,
  };
}

function world(
  session: Session<LiveCallsNotice>,
  call: CallRecord,
  { watcher, after, scopes }: Admission,
  { calls, config, failed }: Services,
): LiveCallsPorts {
  const { actor, userId, productVersion } = watcher;
  const afterSeq = after ?? 0;
  const hears = (event: RecordEvent) => scopes.has("watch") || event.type === "ended";
  const past = calls.events(call.id).filter((event) => event.seq > afterSeq && hears(event));
  const following = calls.follow(call.id, (event, now) => {
    if (hears(event)) session.notify({ kind: "recorded", event, call: now });
  });
  session.ended.then(() => following[Symbol.dispose]());
  const now = calls.call(call.id);
  // An end that is not in `past` was before `after`: nothing would ever be told.
  const isReplayed = now === undefined ||
    now.state === "ended" && !past.some(({ type }) => type === "ended");
  if (isReplayed) {
    // The replay tells all that comes after `afterSeq`, and what comes meanwhile.
    following[Symbol.dispose]();
    replay(session, call, afterSeq, hears, calls).catch(failed);
  } else {
    const data = { userId, productVersion };
    calls.record(call.id, { type: "watched", actor, data }).catch(failed);
  }
  return {
    past: isReplayed ? [] : past,
    call,
    numbered: after !== undefined,
    ask(what, messageId) {
      const answered = (outcome: Outcome) =>
        void session.notify({ kind: "outcome", messageId, outcome });
      if (!scopes.has(what)) {
        const why = `Cannot ${what} call ${call.id}: the ticket is not for that`;
        return answered({ accepted: false, why });
      }
      if (what === "end") {
        return calls.ask(call.id, { kind: "end" }, { actor, messageId }, answered);
      }
      const number = numberOf(userId, config.JOIN_NUMBERS, config.DEFAULT_COUNTRY);
      calls.ask(call.id, { kind: "join", number }, { actor, messageId }, answered);
    },
  };
}

const REPLAY_PAGE = 500;

/** Tells what is left of a call that is over. */
async function replay(
  session: Session<LiveCallsNotice>,
  call: CallRecord,
  afterSeq: number,
  hears: (event: RecordEvent) => boolean,
  calls: Calls,
): Promise<void> {
  let lastSeq = afterSeq;
  let toldEnd = false;
  let page: readonly RecordEvent[];
  do {
    page = await calls.read(call.id, lastSeq, REPLAY_PAGE);
    for (const event of page) {
      toldEnd ||= event.type === "ended";
      if (!hears(event)) continue;
      if (!session.notify({ kind: "recorded", event, call })) return;
    }
    lastSeq = page.at(-1)?.seq ?? lastSeq;
    await turn();
  } while (page.length > 0);
  // The protocol closes when it hears of the end; this watcher has heard of it before.
  if (!toldEnd) session.hangUp(1000, "the call is over");
}

/** Where a user is called: by the settings, or where the user's id is a number itself. */
function numberOf(
  userId: string | null,
  numbers: ReadonlyMap<string, string>,
  country: string | undefined,
): string | null {
  if (userId === null) return null;
  return numbers.get(nameOf(userId, country)) ?? toE164(userId, country);
}
