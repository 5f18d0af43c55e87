/**
 * Reads the record over REST: the calls with their events, the contracts and payments, and the log
 * of their changes.
 * @module
 */
import { z } from "zod";
import { linesOf } from "./lines.ts";
import { ask, WrongAnswer } from "./rest.ts";

const Event = z.object({
  seq: z.int(),
  at: z.iso.datetime(),
  type: z.string(),
  actor: z.string(),
  data: z.looseObject({}),
});
/** One event of a call. */
export type RecordedEvent = z.output<typeof Event>;

const Call = z.object({
  id: z.string(),
  line: z.enum(["inbound", "jambonz"]),
  platformId: z.string(),
  from: z.string().nullable(),
  fromE164: z.string().nullable(),
  liveConversationToken: z.string().optional(),
});
const CallLog = z.object({ calls: z.array(Call) });
const Events = z.object({ events: z.array(Event) });

const Contract = z.object({
  contract_id: z.string(),
  parties: z.array(z.object({ phone_number: z.string() })),
});
const Contracts = z.object({ contracts: z.array(Contract) });
const Signatures = z.object({
  signatures: z.array(z.object({ phone_number: z.string(), status: z.string() })),
});
const Payment = z.object({ payment_id: z.string() });
const Payments = z.object({ payments: z.array(Payment) });

const Inbox = z.object({
  events: z.array(z.object({ id: z.int(), type: z.string() })),
  after: z.int(),
});
const CHANGE_TYPES = [
  "contract_created",
  "contract_signed",
  "terms_changed",
  "contract_changed",
  "payment_changed",
] as const;
/** The types that the notifications door sends. */
const SENT_TYPES: readonly string[] = ["contract_changed", "payment_changed"];

const Change = z.object({
  id: z.int(),
  at: z.iso.datetime(),
  type: z.enum(CHANGE_TYPES),
  contract_id: z.string(),
  data: z.looseObject({ status: z.string() }),
});
/** A change of a contract or a payment. */
export type RecordedChange = z.output<typeof Change>;

/** A call and all its events. */
export type RecordedCall = z.output<typeof Call> & { readonly events: readonly RecordedEvent[] };

/** A contract with its signatures and payments. */
export type RecordedContract = z.output<typeof Contract> & {
  readonly signedBy: readonly string[];
  readonly payments: readonly z.output<typeof Payment>[];
};

/** Everything that the demo has created. */
export interface DemoRecord {
  readonly calls: readonly RecordedCall[];
  readonly contracts: readonly RecordedContract[];
  readonly changes: readonly RecordedChange[];
}

const PAGE = 200;
/** The time to read the log up to its known last event. */
const STREAM_WITHIN_MS = 10_000;

/** Reads a server's record over HTTP. */
export class RecordReader {
  readonly #origin: string;

  /** `origin` is such as `http://127.0.0.1:8000`. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** The conversation token of a call in progress, by its platform id. */
  async token(platformId: string): Promise<string> {
    const { calls } = await this.#get(`/calls?limit=${PAGE}`, CallLog);
    const token = calls.find((call) => call.platformId === platformId)?.liveConversationToken;
    if (token === undefined) throw new WrongAnswer(`Call ${platformId} is not in progress`);
    return token;
  }

  /** A call with its events so far, by its platform id. */
  async call(platformId: string): Promise<RecordedCall> {
    const { calls } = await this.#get(`/calls?limit=${PAGE}`, CallLog);
    const call = calls.find((call) => call.platformId === platformId);
    if (call === undefined) throw new WrongAnswer(`The call log has no call ${platformId}`);
    return await this.#withEvents(call);
  }

  /** The payments of a contract. */
  async paymentsOf(contractId: string): Promise<readonly z.output<typeof Payment>[]> {
    return (await this.#get(`/payments/contract/${contractId}`, Payments)).payments;
  }

  /** The id of the last event that the sockets of these clients receive. */
  async lastSentId(clients: readonly string[]): Promise<number> {
    const sent = (await this.#inboxes(clients)).flatMap(({ events }) =>
      events.filter(({ type }) => SENT_TYPES.includes(type))
    );
    return Math.max(...sent.map(({ id }) => id));
  }

  /** Everything. One page of each resource is enough. */
  async read(clients: readonly string[]): Promise<DemoRecord> {
    const { calls } = await this.#get(`/calls?limit=${PAGE}`, CallLog);
    const { contracts } = await this.#get(`/contracts?limit=${PAGE}`, Contracts);
    return {
      calls: await Promise.all(calls.map((call) => this.#withEvents(call))),
      contracts: await Promise.all(contracts.map(async (contract) => {
        const id = contract.contract_id;
        const { signatures } = await this.#get(`/contracts/${id}/status`, Signatures);
        const payments = await this.paymentsOf(id);
        const signed = signatures.filter(({ status }) => status === "signed");
        return { ...contract, payments, signedBy: signed.map((by) => by.phone_number) };
      })),
      changes: await this.#changes(
        Math.max(...(await this.#inboxes(clients)).map(({ after }) => after)),
      ),
    };
  }

  async #inboxes(clients: readonly string[]): Promise<z.output<typeof Inbox>[]> {
    return await Promise.all(
      clients.map((client) =>
        this.#get(`/clients/${encodeURIComponent(client)}/inbox?limit=1000`, Inbox)
      ),
    );
  }

  async #withEvents(call: z.output<typeof Call>): Promise<RecordedCall> {
    const { events } = await this.#get(`/calls/${call.id}/events?limit=1000`, Events);
    return { ...call, events };
  }

  /** From the log of all events, which no client's filter has touched. */
  async #changes(lastId: number): Promise<RecordedChange[]> {
    const changes: RecordedChange[] = [];
    const query = `last_event_id=0&type=${CHANGE_TYPES.join()}`;
    const response = await fetch(`${this.#origin}/api/v1/events/stream?${query}`, {
      signal: AbortSignal.timeout(STREAM_WITHIN_MS),
    });
    for await (const line of linesOf(response.body!)) {
      if (line.startsWith("data:")) changes.push(Change.parse(JSON.parse(line.slice(5))));
      // The stream never ends; leaving the loop closes it.
      if ((changes.at(-1)?.id ?? 0) >= lastId) break;
    }
    return changes;
  }

  async #get<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.output<Shape>> {
    const body = await ask(this.#origin, "GET", path);
    const parsed = shape.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new WrongAnswer(`GET ${path}: ${JSON.stringify(body)}: ${parsed.error.message}`);
  }
}
