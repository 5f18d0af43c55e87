/**
 * The clients of the notifications door: they hear new events from the end of the log, and first
 * what they missed, if they give their last event id.
 * @module
 */
import { type Bounds, seesParties } from "../../access/bounds.ts";
import { toMajorUnits } from "../../contracts/money.ts";
import { e164OrText } from "../../phone/number.ts";
import type { Encrypted, Update } from "../../protocols/notifications/messages.ts";
import type { NotificationsNotice } from "../../protocols/notifications/ports.ts";
import { Broadcaster } from "../../session/broadcast.ts";
import { prepare } from "../../session/encode.ts";
import type { Session } from "../../session/session.ts";
import type { StoredEvent } from "../../events/event_log.ts";
import type { ClientKey } from "../../encryption/client_key.ts";
import type { MissedUpdate } from "../../store/pages.ts";
import { sealed, SealedUpdates } from "./sealed_updates.ts";
import type { Services } from "../services.ts";

/** A session of the notifications door. */
export type ClientSession = Session<NotificationsNotice>;

/** The events that the notifications document has messages for; an inbox has the others too. */
const CLIENT_EVENT_TYPES = ["contract_changed", "payment_changed"] as const;

/** How many missed events are read at once. */
const REPLAY_PAGE = 200;
/** How many of a client with a key: they are encrypted while it holds its place among the replays. */
const SEALED_PAGE = 16;
/** So few events end a catch-up at once, since more may come with every page. */
const LAST_EVENTS = 8;

/** One socket of a client. */
interface Member {
  readonly session: ClientSession;
  /** Connected with `?after=`: its updates carry the id of their event. */
  readonly numbered: boolean;
  /** What its key is for. */
  readonly bounds: Bounds | undefined;
  /** The last event that was sent to it. */
  lastId: number;
  /** Events that came since its last page was read; null when it has caught up. */
  waiting: StoredEvent[] | null;
}

/** The services that clients need. */
export type ClientServices = Pick<
  Services,
  "clientKeys" | "config" | "failed" | "replays" | "store" | "tail"
>;

/** The clients of this server. A client may have several sockets. */
export class Clients {
  readonly #services: ClientServices;
  readonly #members = new Map<string, Set<Member>>();
  readonly #broadcaster = new Broadcaster<ClientSession, NotificationsNotice>();
  readonly #sealed: SealedUpdates;

  constructor(services: ClientServices) {
    this.#services = services;
    this.#sealed = new SealedUpdates(
      services.clientKeys,
      services.failed,
      (sessions, notice) => this.#broadcaster.tell(sessions, notice),
    );
    services.tail.listen((events) => {
      for (const event of events) this.#tell(event);
    }, CLIENT_EVENT_TYPES);
  }

  /**
   * Adds a socket until it ends. `name` is the client's number in E.164, or its id; `afterId` is the last
   * event that it knows. Of what is for everyone a bound client hears only what is about contracts
   * within its bounds.
   */
  add(
    name: string,
    session: ClientSession,
    afterId: number | undefined,
    bounds?: Bounds,
  ): void {
    const members = this.#members.get(name) ?? new Set();
    this.#members.set(name, members);
    const numbered = afterId !== undefined;
    const waiting = numbered ? [] : null;
    const member: Member = { session, numbered, bounds, waiting, lastId: afterId ?? 0 };
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
    const { store, replays, clientKeys } = this.#services;
    const page = { clientId: name, types: CLIENT_EVENT_TYPES, bounds: member.bounds };
    let seenId = member.lastId;
    // What was made for another key, or for none, is not told: it is read again.
    const isFor = ({ key }: Missed) => key === clientKeys.of(name);
    await replays.tell<Missed>(member.session, {
      read: async () => {
        // Whatever is written from now on comes live, or is in the page.
        const waiting: StoredEvent[] = member.waiting = [];
        const key = clientKeys.of(name);
        const afterId = Math.max(member.lastId, seenId);
        const limit = key === undefined ? REPLAY_PAGE : SEALED_PAGE;
        const { events, seen, isLast } = await store.pages.updates({ ...page, afterId, limit });
        if (events.length === 0) seenId = seen;
        const missed = await this.#missed(events, key);
        if (
          !isLast || events.length + waiting.length > LAST_EVENTS || key !== clientKeys.of(name)
        ) {
          return missed;
        }
        for (const update of missed) tellMissed(member, update);
        member.waiting = null;
        for (const event of waiting) this.#tellAll([[name, [member]]], event);
        return null;
      },
      tell: (missed) => {
        if (isFor(missed)) tellMissed(member, missed);
      },
    });
  }

  /** Missed events as messages for a client, encrypted if it has a key. */
  #missed(
    events: readonly MissedUpdate[],
    key: ClientKey | undefined,
  ): Missed[] | Promise<Missed[]> {
    if (key === undefined) {
      return events.map((event) => ({ id: event.id, key, update: preparedUpdate(event) }));
    }
    return Promise.all(events.map(async (event) => {
      const update = await sealed(this.#services.clientKeys, key, clientUpdate(event, true));
      return { id: event.id, key, update };
    }));
  }

  #tell(event: StoredEvent): void {
    if (!(CLIENT_EVENT_TYPES as readonly string[]).includes(event.type)) return;
    const parties = (event.data["parties"] as string[]).map((number) => e164OrText(number));
    const names = event.toEveryone ? this.#members.keys() : new Set(parties);
    this.#tellAll(
      [...names].map((name): Audience => {
        const members = [...this.#members.get(name) ?? []];
        return [name, members.filter(({ bounds }) => seesParties(bounds, parties))];
      }),
      event,
    );
  }

  /** Tells members of each client of an event: those with a key on the way that encrypts. */
  #tellAll(audience: readonly Audience[], event: StoredEvent): void {
    const inTheClear: Member[] = [];
    for (const [name, members] of audience) {
      if (this.#sealed.takes(name)) {
        tellLive(members, event, (told, update) => this.#sealed.tell(name, told, update));
      } else inTheClear.push(...members);
    }
    tellLive(inTheClear, event, (told, update) => {
      this.#broadcaster.tell(told, { kind: "update", update: prepare(update) });
    });
  }
}

/** Sockets of a client. */
type Audience = readonly [name: string, members: readonly Member[]];

/** A missed event as the message to one client. */
interface Missed {
  readonly id: number;
  /** For which it is encrypted; undefined for in the clear. */
  readonly key: ClientKey | undefined;
  readonly update: Update | Encrypted;
}

/** Tells members that are live of an event, as one update for each form; keeps it for the others. */
function tellLive(
  members: readonly Member[],
  event: StoredEvent,
  tell: (sessions: readonly ClientSession[], update: Update) => void,
): void {
  for (const { waiting } of members) {
    // One that is far behind reads it later.
    if (waiting !== null && waiting.length <= LAST_EVENTS) waiting.push(event);
  }
  const live = members.filter(({ waiting, lastId }) => waiting === null && event.id > lastId);
  for (const numbered of [false, true]) {
    const told = live.filter((member) => member.numbered === numbered);
    if (told.length === 0) continue;
    for (const member of told) member.lastId = event.id;
    tell(told.map(({ session }) => session), clientUpdate(event, numbered));
  }
}

/** Tells one missed event, once. */
function tellMissed(member: Member, { id, update }: Missed): void {
  if (id <= member.lastId) return;
  member.lastId = id;
  member.session.notify({ kind: "update", update });
}

/** The messages of missed events: those who come back together get the same page. */
const prepared = new WeakMap<MissedUpdate, Update>();

function preparedUpdate(event: MissedUpdate): Update {
  let update = prepared.get(event);
  if (update === undefined) prepared.set(event, update = prepare(clientUpdate(event, true)));
  return update;
}

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
