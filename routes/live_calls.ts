/**
 * The live calls door: `WS /ws/v1/liveCalls`.
 * @module
 */
import { z } from "zod";
import type { Outcome } from "../calls/book.ts";
import type { Call } from "../calls/call.ts";
import { toE164 } from "../calls/phone.ts";
import type { Tickets } from "../calls/tickets.ts";
import { liveCallsWire } from "../protocols/live_calls/messages.ts";
import {
  liveCalls,
  type LiveCallsNotice,
  type LiveCallsWorld,
} from "../protocols/live_calls/session.ts";
import { upgrade } from "../session/serve.ts";
import type { Session } from "../session/session.ts";
import { echoedSubprotocol } from "./keys.ts";
import { oddities } from "./oddities.ts";
import type { Parts } from "./parts.ts";
import { problem } from "./problem.ts";
import { socket, type SocketRoute, type Visit } from "./route.ts";
import { unauthorized } from "./table.ts";

/** Who watches, as far as the request says it. */
interface Watcher {
  /** Names the watcher in the record and tells its messages from others'. */
  readonly actor: string;
  readonly userId: string | null;
  readonly productVersion: string | null;
}

/** The query parameters of the live calls door. */
export const LiveCallsQuery = z.object({
  conversationToken: z.string().min(1).meta({
    description: "The liveConversationToken of an entry of the call log",
  }),
  ticket: z.string().optional().meta({
    description: "A single-use ticket, instead of the Authorization header",
  }),
});

/** The routes of the live calls door. */
export function liveCallsRoutes(parts: Parts, tickets: Tickets): SocketRoute[] {
  const { limits, observe, sessions, calls } = parts;
  return [socket({
    path: "/ws/v1/liveCalls",
    door: "live calls",
    summary: "People watch a call as it happens, join it or end it",
    // A ticket takes the place of a key, so that the door looks for itself.
    guard: "everyone",
    wire: liveCallsWire,
    query: LiveCallsQuery,
    open(visit) {
      const { request, url, key } = visit;
      const query = LiveCallsQuery.safeParse(Object.fromEntries(url.searchParams));
      if (!query.success) return problem(400, "The query parameter conversationToken is missing");
      const { conversationToken, ticket } = query.data;
      const call = calls.byToken(conversationToken);
      const admitted = key !== undefined ||
        (ticket !== undefined && call !== undefined && tickets.take(ticket, call.id));
      if (!admitted) throw unauthorized();
      if (call === undefined) return problem(404, "No call has this conversationToken");
      if (call.state === "ended") return problem(404, "The call is over");
      const watcher = watcherOf(visit);
      return upgrade(request, {
        door: "live calls",
        wire: liveCallsWire,
        protocol: liveCalls,
        context: (session: Session<LiveCallsNotice>) => world(session, call, watcher, parts),
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
  call: Call,
  { actor, userId, productVersion }: Watcher,
  { calls, config, failed, log }: Parts,
): LiveCallsWorld {
  const past = [...calls.events(call.id)];
  const following = calls.follow(call.id, (event, now) => {
    session.notify({ kind: "recorded", event, call: now });
  });
  session.ended.then(() => following[Symbol.dispose]());
  calls.record(call.id, { type: "watched", actor, data: { userId, productVersion } }).catch(failed);
  const oddity = oddities(session, log);
  return {
    past,
    call,
    ask(what, messageId) {
      const answered = (outcome: Outcome) =>
        void session.notify({ kind: "outcome", messageId, outcome });
      if (what === "end") {
        return calls.ask(call.id, { kind: "end" }, { actor, messageId }, answered);
      }
      const number = numberOf(userId, config.JOIN_NUMBERS, config.DEFAULT_COUNTRY);
      calls.ask(call.id, { kind: "join", number }, { actor, messageId }, answered);
    },
    ignored: (why) => oddity(why, "watching"),
  };
}

/** Where a user is called: by the settings, or where the user's id is a number itself. */
function numberOf(
  userId: string | null,
  numbers: ReadonlyMap<string, string>,
  country: string | undefined,
): string | null {
  if (userId === null) return null;
  return numbers.get(userId) ?? toE164(userId, country);
}
