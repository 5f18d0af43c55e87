/**
 * The clients of the notifications door: they hear new events from the end of the log, and first
 * what they missed, if they give their last event id.
 * @module
 */
import { type Bounds, seesParties } from "../../access/bounds.ts";
import { toMajorUnits } from "../../contracts/money.ts";
import { e164OrText } from "../../phone/number.ts";
import type { Update } from "../../protocols/notifications/messages.ts";
import type { NotificationsNotice } from "../../protocols/notifications/ports.ts";
import { Broadcaster, turn } from "../../session/broadcast.ts";
import { prepare } from "../../session/encode.ts";
import type { Session } from "../../session/session.ts";
import type { StoredEvent } from "../../events/event_log.ts";
import { sealed, SealedUpdates } from "./sealed_updates.ts";
import type { Services } from "../services.ts";

/** A session of the notifications door. */
export type ClientSession = Session<NotificationsNotice>;

/** The events that the notifications document has messages for; an inbox has the others too. */
const CLIENT_EVENT_TYPES = ["contract_changed", "payment_changed"] as const;

/** How many missed events are read at once. */
const REPLAY_PAGE = 200;

/** One socket of a client. */
interface Member {
  readonly session: ClientSession;
  /** Connected with `?after=`: its updates carry the id of their event. */
  readonly numbered: boolean;
  /** What its key is for. */
  readonly bounds: Bounds | undefined;
  /** The last event that was sent to it. */
  lastId: number;
  /** Events that came during its catch-up; null when it has caught up. */
  waiting: StoredEvent[] | null;
}

/** The services that clients need. */
export type ClientServices = Pick<Services, "clientKeys" | "config" | "failed" | "store" | "tail">;

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
   * Adds a socket until it ends. `afterId` is the last event that the client knows; of what is for
   * everyone a bound client hears only what is about contracts within its bounds.
   */
  add(
    clientId: string,
    session: ClientSession,
    afterId: number | undefined,
    bounds?: Bounds,
  ): void {
    const name = e164OrText(clientId, this.#services.config.DEFAULT_COUNTRY);
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
    const { store, config } = this.#services;
    const filter = { types: CLIENT_EVENT_TYPES, clientId: name, bounds: member.bounds };
    // Half an inbox leaves room for what comes meanwhile.
    const limit = Math.min(REPLAY_PAGE, Math.floor(config.LIMIT_INBOX_EVENTS / 2));
    while (true) {
      const page = await store.events.after(member.lastId, filter, limit);
      for (const event of page) if (!await this.#tellMissed(name, member, event)) return;
      // Whatever was written since comes live, or is waiting.
      if (page.length < limit) break;
      await turn();
    }
    // More may come while one is encrypted.
    for (const event of member.waiting ?? []) await this.#tellMissed(name, member, event);
    member.waiting = null;
  }

  #tell(event: StoredEvent): void {
    if (!(CLIENT_EVENT_TYPES as readonly string[]).includes(event.type)) return;
    const parties = (event.data["parties"] as string[]).map((number) => e164OrText(number));
    const names = event.toEveryone ? this.#members.keys() : new Set(parties);
    const inTheClear: Member[] = [];
    for (const name of names) {
      const members = [...this.#members.get(name) ?? []]
        .filter(({ bounds }) => seesParties(bounds, parties));
      if (this.#sealed.takes(name)) {
        tellLive(members, event, (told, update) => this.#sealed.tell(name, told, update));
      } else inTheClear.push(...members);
    }
    tellLive(inTheClear, event, (told, update) => {
      this.#broadcaster.tell(told, { kind: "update", update: prepare(update) });
    });
  }

  /** Tells one missed event, once; false when the session has ended. */
  async #tellMissed(name: string, member: Member, event: StoredEvent): Promise<boolean> {
    if (event.id <= member.lastId) return true;
    member.lastId = event.id;
    const { clientKeys } = this.#services;
    const key = clientKeys.of(name);
    const update = clientUpdate(event, true);
    return member.session.notify({
      kind: "update",
      update: key === undefined ? update : await sealed(clientKeys, key, update),
    });
  }
}

/** Tells members that are live of an event, as one update for each form; keeps it for the others. */
function tellLive(
  members: readonly Member[],
  event: StoredEvent,
  tell: (sessions: readonly ClientSession[], update: Update) => void,
): void {
  for (const { waiting } of members) waiting?.push(event);
  const live = members.filter(({ waiting, lastId }) => waiting === null && event.id > lastId);
  for (const numbered of [false, true]) {
    const told = live.filter((member) => member.numbered === numbered);
    if (told.length === 0) continue;
    for (const member of told) member.lastId = event.id;
    tell(told.map(({ session }) => session), clientUpdate(event, numbered));
  }
}

/** An event as its message to a client. */
export function clientUpdate(event: StoredEvent, numbered: boolean): Update {
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
