/**
 * The clients of the notifications door: they hear new events from the end of the log, and first
 * what they missed, if they give their last event id.
 * @module
 */
import { toMajorUnits } from "../../contracts/money.ts";
import { e164OrText } from "../../phone/number.ts";
import type { Update } from "../../protocols/notifications/messages.ts";
import type { NotificationsNotice } from "../../protocols/notifications/ports.ts";
import { Broadcaster } from "../../session/broadcast.ts";
import { prepare } from "../../session/encode.ts";
import type { Session } from "../../session/session.ts";
import type { StoredEvent } from "../../events/event_log.ts";
import type { MissedUpdate } from "../../store/pages.ts";
import type { Services } from "../services.ts";

/** A session of the notifications door. */
export type ClientSession = Session<NotificationsNotice>;

/** The events that the notifications document has messages for; an inbox has the others too. */
const CLIENT_EVENT_TYPES = ["contract_changed", "payment_changed"] as const;

/** How many missed events are read at once. */
const REPLAY_PAGE = 200;
/** So few events end a catch-up at once, since more may come with every page. */
const LAST_EVENTS = 8;

/** One socket of a client. */
interface Member {
  readonly session: ClientSession;
  /** Connected with `?after=`: its updates carry the id of their event. */
  readonly numbered: boolean;
  /** The last event that was sent to it. */
  lastId: number;
  /** Events that came since its last page was read; null when it has caught up. */
  waiting: StoredEvent[] | null;
}

/** The services that clients need. */
export type ClientServices = Pick<Services, "config" | "failed" | "replays" | "store" | "tail">;

/** The clients of this server. A client may have several sockets. */
export class Clients {
  readonly #services: ClientServices;
  readonly #members = new Map<string, Set<Member>>();
  readonly #broadcaster = new Broadcaster<ClientSession, NotificationsNotice>();

  constructor(services: ClientServices) {
    this.#services = services;
    services.tail.listen((events) => {
      for (const event of events) this.#tell(event);
    }, CLIENT_EVENT_TYPES);
  }

  /** Adds a socket until it ends. `afterId` is the last event that the client knows. */
  add(clientId: string, session: ClientSession, afterId: number | undefined): void {
    const name = e164OrText(clientId, this.#services.config.DEFAULT_COUNTRY);
    const members = this.#members.get(name) ?? new Set();
    this.#members.set(name, members);
    const numbered = afterId !== undefined;
    const waiting = numbered ? [] : null;
    const member: Member = { session, numbered, waiting, lastId: afterId ?? 0 };
    members.add(member);
    session.ended.then(() => {
      members.delete(member);
      if (members.size === 0 && this.#members.get(name) === members) this.#members.delete(name);
    });
    if (!numbered) return;
    this.#catchUp(name, member).catch((error) => {
      this.#services.failed(error);
      session.hangUp(1011, "the missed events cannot be read");
    });
  }

  async #catchUp(name: string, member: Member): Promise<void> {
    const { store, replays } = this.#services;
    const page = { clientId: name, types: CLIENT_EVENT_TYPES, limit: REPLAY_PAGE };
    let seenId = member.lastId;
    await replays.tell<MissedUpdate>(member.session, {
      async read() {
        // Whatever is written from now on comes live, or is in the page.
        member.waiting = [];
        const afterId = Math.max(member.lastId, seenId);
        const { events, seen, isLast } = await store.pages.updates({ ...page, afterId });
        if (events.length === 0) seenId = seen;
        const last = [...events, ...member.waiting];
        if (!isLast || last.length > LAST_EVENTS) return events;
        for (const event of last) tellMissed(member, event);
        member.waiting = null;
        return null;
      },
      tell: (event) => tellMissed(member, event),
    });
  }

  #tell(event: StoredEvent): void {
    if (!(CLIENT_EVENT_TYPES as readonly string[]).includes(event.type)) return;
    const parties = (event.data["parties"] as string[]).map((number) => e164OrText(number));
    const names = event.toEveryone ? this.#members.keys() : new Set(parties);
    const members = [...names].flatMap((name) => [...this.#members.get(name) ?? []]);
    for (const { waiting } of members) {
      // One that is far behind reads it later.
      if (waiting !== null && waiting.length <= LAST_EVENTS) waiting.push(event);
    }
    const live = members.filter(({ waiting, lastId }) => waiting === null && event.id > lastId);
    for (const numbered of [false, true]) {
      const told = live.filter((member) => member.numbered === numbered);
      if (told.length === 0) continue;
      for (const member of told) member.lastId = event.id;
      const update = prepare(clientUpdate(event, numbered));
      this.#broadcaster.tell(told.map(({ session }) => session), { kind: "update", update });
    }
  }
}

/** Tells one missed event, once. */
function tellMissed(member: Member, event: MissedUpdate): void {
  if (event.id <= member.lastId) return;
  member.lastId = event.id;
  let update = missed.get(event);
  if (update === undefined) missed.set(event, update = prepare(clientUpdate(event, true)));
  member.session.notify({ kind: "update", update });
}

/** The messages of missed events: those who come back together get the same page. */
const missed = new WeakMap<MissedUpdate, Update>();

/** An event as its message to a client. */
export function clientUpdate(event: MissedUpdate, numbered: boolean): Update {
  const common = {
    contract_id: event.contractId!,
    status: String(event.data["status"]),
    timestamp: String(Math.floor(event.at.getTime() / 1000)),
    ...(numbered ? { event_id: event.id } : {}),
  };
  if (event.type === "contract_changed") return { type: "contract_update", ...common };
  const { amountMinorUnits, currency } = event.data as {
    amountMinorUnits: number;
    currency: string;
  };
  return { type: "payment_update", ...common, amount: toMajorUnits(amountMinorUnits, currency) };
}
