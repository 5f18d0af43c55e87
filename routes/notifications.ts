/**
 * The notifications door: `WS /api/v1/ws/:client_id`.
 * @module
 */
import { toE164 } from "../calls/phone.ts";
import { toMajorUnits } from "../contracts/money.ts";
import { type ContractNews, CONTRACTS_TOPIC } from "../contracts/news.ts";
import { notificationsWire, type Update } from "../protocols/notifications/messages.ts";
import {
  notifications,
  type NotificationsNotice,
  type NotificationsWorld,
} from "../protocols/notifications/session.ts";
import { Broadcaster } from "../session/broadcast.ts";
import { prepare } from "../session/encode.ts";
import { upgrade } from "../session/serve.ts";
import type { Session } from "../session/session.ts";
import { echoedSubprotocol } from "./keys.ts";
import { oddities } from "./oddities.ts";
import type { Parts } from "./parts.ts";
import { problem } from "./problem.ts";
import { socket, type SocketRoute } from "./route.ts";

type ClientSession = Session<NotificationsNotice>;

const CLIENT_ID_CHARACTERS = 128;
// deno-lint-ignore no-control-regex
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/;

/** The routes of the notifications door. */
export function notificationsRoutes(parts: Parts): SocketRoute[] {
  const { limits, observe, sessions } = parts;
  const clients = new Clients(parts);
  return [socket({
    path: "/api/v1/ws/:client_id",
    door: "notifications",
    summary: "The parties of a contract hear how it and its payments change",
    guard: "key",
    wire: notificationsWire,
    open({ request, params }) {
      const clientId = params["client_id"] ?? "";
      const fault = faultOfClientId(clientId);
      if (fault !== undefined) return problem(400, fault);
      return upgrade(request, {
        door: "notifications",
        wire: notificationsWire,
        protocol: notifications,
        context: (session: ClientSession) => {
          clients.add(clientId, session);
          return world(session, parts);
        },
        limits,
        observe,
        sessions,
      }, echoedSubprotocol(request.headers));
    },
  })];
}

function faultOfClientId(clientId: string): string | undefined {
  if (clientId === "") return "The client_id must not be empty";
  if (clientId.length > CLIENT_ID_CHARACTERS) {
    return `The client_id holds ${CLIENT_ID_CHARACTERS} characters at most`;
  }
  if (CONTROL_CHARACTERS.test(clientId)) return "The client_id must not hold control characters";
  return undefined;
}

/** Who is connected, and what they are told. A client may have several sockets. */
class Clients {
  readonly #parts: Parts;
  readonly #sessions = new Map<string, Set<ClientSession>>();
  readonly #broadcaster = new Broadcaster<ClientSession, NotificationsNotice>();

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.news.subscribe(CONTRACTS_TOPIC, (news) => this.#tell(news));
  }

  add(clientId: string, session: ClientSession): void {
    const name = clientName(clientId);
    const sessions = this.#sessions.get(name) ?? new Set();
    this.#sessions.set(name, sessions);
    sessions.add(session);
    session.ended.then(() => {
      sessions.delete(session);
      if (sessions.size === 0 && this.#sessions.get(name) === sessions) this.#sessions.delete(name);
    });
  }

  #tell(news: ContractNews): void {
    const update = prepare(updateOf(news));
    const parties = news.contract.parties.map(({ phoneNumber }) => clientName(phoneNumber));
    const everyone = news.kind === "payment_changed" &&
      this.#parts.config.PAYMENT_UPDATES_TO === "everyone";
    const names = everyone ? this.#sessions.keys() : new Set(parties);
    const sessions = [...names].flatMap((name) => [...this.#sessions.get(name) ?? []]);
    this.#broadcaster.tell(sessions, { kind: "update", update });
  }
}

/** The same person is one client, however the number is written. */
function clientName(clientId: string): string {
  return toE164(clientId) ?? clientId;
}

function updateOf(news: ContractNews): Update {
  const timestamp = String(Math.floor(news.at.getTime() / 1000));
  if (news.kind === "contract_changed") {
    const { id: contract_id, status } = news.contract;
    return { type: "contract_update", contract_id, status, timestamp };
  }
  const { contractId: contract_id, status, amountMinorUnits, currency } = news.payment;
  const amount = toMajorUnits(amountMinorUnits, currency);
  return { type: "payment_update", contract_id, status, amount, timestamp };
}

function world(session: ClientSession, { contracts, failed, log }: Parts): NotificationsWorld {
  const oddity = oddities(session, log);
  return {
    askStatus(contractId) {
      contracts.find(contractId).then(
        (contract) => {
          const status = contract?.status ?? "not_found";
          session.notify({ kind: "status", contractId, status });
        },
        (error) => {
          failed(error);
          session.notify({ kind: "unavailable" });
        },
      );
    },
    ignored: (why) => oddity(why, "connected"),
  };
}
