/**
 * The live calls door: `WS /ws/v1/liveCalls`.
 * @module
 */
import { z } from "zod";
import { seesCall } from "../../access/bounds.ts";
import { actorOf, type Holder, LOCAL, mayUse } from "../../access/holder.ts";
import type { Calls } from "../../calls/calls.ts";
import type { CallRecord, RecordEvent } from "../../calls/call_record.ts";
import type { Outcome } from "../../calls/live_call.ts";
import { e164OrText, toE164 } from "../../phone/number.ts";
import { ALL_SCOPES, type Scope } from "../../calls/watch_scopes.ts";
import { liveCallsWire } from "../../protocols/live_calls/messages.ts";
import type { LiveCallsNotice, LiveCallsPorts } from "../../protocols/live_calls/ports.ts";
import { liveCalls } from "../../protocols/live_calls/session.ts";
import type { Session } from "../../session/session.ts";
import { unauthorized } from "../../http/guards/keys.ts";
import { shownTicket } from "../../http/guards/tickets.ts";
import type { Services } from "../services.ts";
import { Refused } from "../../http/problem.ts";
import { socket, type SocketRoute, type Visit } from "../../http/route.ts";

/** A watcher who was admitted. */
interface Watcher extends Pass {
  readonly call: CallRecord;
  /** Names the watcher in the record, and keeps the messages of two watchers apart. */
  readonly actor: string;
  readonly userId: string | null;
  readonly productVersion: string | null;
  /** The last `seq` that the watcher knows. */
  readonly after: number | undefined;
}

/** The query parameters of the live calls door. */
export const LiveCallsQuery = z.object({
  conversationToken: z.string().min(1)
    .describe("The liveConversationToken of an entry of the call log"),
  ticket: z.string().optional()
    .describe("A single-use ticket, instead of the Authorization header"),
  after: z.coerce.number().int().nonnegative().optional().describe(
    "The last seq that the watcher knows: it gets what follows, and each message has its seq",
  ),
});

type LiveCallsServices = Pick<
  Services,
  "access" | "calls" | "config" | "failed" | "replays" | "store" | "tickets"
>;

/** The name of the door, in documents, logs and tickets. */
export const LIVE_CALLS = "live calls";

/** The live calls door. */
export function liveCallsDoor(services: LiveCallsServices): SocketRoute[] {
  return socket({
    door: LIVE_CALLS,
    paths: ["/ws/v1/liveCalls"],
    summary: "People watch a call as it happens, join it or end it",
    scope: "calls:listen",
    messageScopes: { "client:joinCall": "calls:control", "client:endCall": "calls:control" },
    watches: true,
    wire: liveCallsWire,
    protocol: liveCalls,
    query: LiveCallsQuery,
    // A ticket replaces a key: `admit` checks it.
    passesWithoutKey: (visit) =>
      visit.url.searchParams.has("ticket") ||
      (visit.holder === undefined && shownTicket(visit) !== undefined),
    async admit(visit, { conversationToken, after }): Promise<Watcher> {
      const call = await services.calls.findByToken(conversationToken);
      const pass = passOf(visit) ?? await ticketPass(services, visit, call);
      if (pass === undefined || !services.access.isInForce(pass.holder)) throw unauthorized();
      if (call === undefined || !seesCall(pass.holder.bounds, call)) {
        throw new Refused(404, "No call has this conversationToken");
      }
      // A watcher who comes back may still get the end of the call.
      if (call.state === "ended" && after === undefined) throw new Refused(404, "The call is over");
      return { call, ...identityOf(visit, pass.holder), after, ...pass };
    },
    holderOf: ({ holder }) => holder,
    ports: (session, watcher) => liveCallsPorts(session, watcher, services),
  });
}

/** A watcher's credentials: a key, or a ticket from the holder of one. */
interface Pass {
  readonly holder: Holder;
  readonly scopes: ReadonlySet<Scope>;
  readonly pass: "key" | "ticket";
}

/** The pass of a key. Live calls require one on loopback too. */
function passOf({ holder }: Visit): Pass | undefined {
  if (holder === undefined || holder === LOCAL || !mayUse(holder, "calls:listen")) return undefined;
  return { holder, scopes: new Set(watchScopesOf(holder)), pass: "key" };
}

async function ticketPass(
  { tickets }: LiveCallsServices,
  visit: Visit,
  call: CallRecord | undefined,
): Promise<Pass | undefined> {
  const ticket = shownTicket(visit);
  if (ticket === undefined || call === undefined) return undefined;
  const taken = await tickets.take(ticket, LIVE_CALLS, call.id);
  if (taken === undefined) return undefined;
  const scopes = new Set(taken.scopes as readonly Scope[]);
  return { holder: taken.holder, scopes, pass: "ticket" };
}

/** The scopes of a holder for a call that it watches. */
export function watchScopesOf(holder: Holder): readonly Scope[] {
  return mayUse(holder, "calls:control") ? ALL_SCOPES : ["watch"];
}

/** The watcher's identity, from headers or the query. */
function identityOf(
  { request: { headers }, url, requestId }: Visit,
  holder: Holder,
): Pick<Watcher, "actor" | "userId" | "productVersion"> {
  const find = (pattern: RegExp) => [...headers].find(([name]) => pattern.test(name))?.[1] ?? null;
  const userId = find(/^x-(.+-)?user-id$/) ?? url.searchParams.get("user_id");
  const productVersion = find(/^x-(.+-)?product-version$/);
  const actor = actorOf(holder, userId === null ? `watcher ${requestId}` : `user ${userId}`);
  return { actor, userId, productVersion };
}

function liveCallsPorts(
  session: Session<LiveCallsNotice>,
  watcher: Watcher,
  services: LiveCallsServices,
): LiveCallsPorts {
  const { call, actor, userId, productVersion, after, scopes, pass } = watcher;
  const { calls, config, failed } = services;
  const record = calls.events(call.id);
  const now = calls.call(call.id);
  let past: readonly RecordEvent[] = [];
  if (now === undefined || now.state === "ended") {
    // Its page may still be open: the record is read to its end, including new events.
    replayEnded(session, watcher, services).catch(failed);
  } else {
    // Its events are numbered from 1, without gaps.
    const begin = Math.min(after ?? 0, record.length);
    if (record.length - begin > PAST_EVENTS) {
      replayLive(session, watcher, begin, services).catch(failed);
    } else {
      past = record.slice(begin).filter((event) => hears(watcher, event));
      follow(session, watcher, calls);
    }
    const data = { userId, productVersion };
    calls.record(call.id, { type: "watched", actor, data }).catch(failed);
  }
  return {
    past,
    call,
    numbered: after !== undefined,
    ask(what, messageId) {
      const answered = (outcome: Outcome) =>
        void session.notify({ kind: "outcome", messageId, outcome });
      if (!scopes.has(what)) {
        const why = `Cannot ${what} call ${call.id}: the ${pass} does not allow that`;
        return answered({ accepted: false, why });
      }
      if (what === "end") {
        return calls.asks.make(call.id, { kind: "end" }, { actor, messageId }, answered);
      }
      const number = numberOf(userId, config.JOIN_NUMBERS, config.DEFAULT_COUNTRY);
      calls.asks.make(call.id, { kind: "join", number }, { actor, messageId }, answered);
    },
  };
}

/** A longer past is sent in pages. */
const PAST_EVENTS = 50;
const REPLAY_PAGE = 200;

/** Whether a watcher's ticket covers an event; everybody gets the end. */
function hears({ scopes }: Watcher, { type }: RecordEvent): boolean {
  return scopes.has("watch") || type === "ended";
}

/** Sends events from now on. */
function follow(session: Session<LiveCallsNotice>, watcher: Watcher, calls: Calls): void {
  const following = calls.follow(watcher.call.id, (event, call) => {
    if (hears(watcher, event)) session.notify({ kind: "recorded", event, call });
  });
  session.ended.then(() => following[Symbol.dispose]());
}

/** Sends the record of a live call from this place on, and then new events. */
async function replayLive(
  session: Session<LiveCallsNotice>,
  watcher: Watcher,
  begin: number,
  { calls, replays }: LiveCallsServices,
): Promise<void> {
  const { call } = watcher;
  // It grows with every event, and stays when the call is over.
  const record = calls.events(call.id);
  let next = begin;
  await replays.tell<RecordEvent>(session, {
    read() {
      if (next < record.length) return record.slice(next, next + REPLAY_PAGE);
      follow(session, watcher, calls);
      return null;
    },
    tell(event) {
      next++;
      if (hears(watcher, event)) session.notify({ kind: "recorded", event, call });
    },
  });
}

/** Tells the rest of a call that is over. */
async function replayEnded(
  session: Session<LiveCallsNotice>,
  watcher: Watcher,
  { replays, store }: LiveCallsServices,
): Promise<void> {
  const { call, after = 0 } = watcher;
  let [seenSeq, toldEnd] = [after, false];
  const isWhole = await replays.tell<RecordEvent>(session, {
    async read() {
      const page = { callId: call.id, afterSeq: seenSeq, limit: REPLAY_PAGE };
      const { events, seen, isLast } = await store.pages.watched(page);
      if (events.length === 0) seenSeq = seen;
      return events.length === 0 && isLast ? null : events;
    },
    tell(event) {
      seenSeq = event.seq;
      toldEnd ||= event.type === "ended";
      if (hears(watcher, event)) session.notify({ kind: "recorded", event, call });
    },
  });
  // The protocol closes at the end of the call, which this watcher already knows.
  if (isWhole && !toldEnd) session.hangUp(1000, "the call is over");
}

/** The number of a user: from the settings, or the user's id if it is a number. */
function numberOf(
  userId: string | null,
  numbers: ReadonlyMap<string, string>,
  country: string | undefined,
): string | null {
  if (userId === null) return null;
  return numbers.get(e164OrText(userId, country)) ?? toE164(userId, country);
}
