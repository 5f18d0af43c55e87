/**
 * Who comes over REST: a party that signs, a payment provider, a speech recogniser. What a 2xx has
 * acknowledged is written down.
 * @module
 */
import type { Item } from "./count.ts";
import { contractsOf, promised } from "./ledgers.ts";
import type { RecordReader } from "./record_reader.ts";
import { ask, WrongAnswer } from "./rest.ts";
import type { Stage } from "./story.ts";

/** What payment providers say, and what becomes of money in escrow by it. */
const BECOMES = { Success: "locked", Released: "released" } as const;

/** The writers of one server. */
export class RestActors {
  /** Contracts and payments that were acknowledged. */
  readonly deals: Item[] = [];
  /** Words that were acknowledged. */
  readonly words: Item[] = [];
  readonly #origin: string;
  readonly #reader: RecordReader;
  readonly #stage: Stage;

  constructor(origin: string, reader: RecordReader, stage: Stage) {
    this.#origin = origin;
    this.#reader = reader;
    this.#stage = stage;
  }

  /** A party signs the contract of a call. */
  async sign(who: string, platformId: string, phone: string): Promise<void> {
    const contractId = await this.#contractOf(platformId);
    await this.#post(
      who,
      `/contracts/${contractId}/confirm?phone_number=${encodeURIComponent(phone)}`,
    );
    this.deals.push(promised.signature(platformId, phone));
  }

  /** The provider tells of the payment of a call. */
  async settle(platformId: string, status: keyof typeof BECOMES): Promise<void> {
    const contractId = await this.#contractOf(platformId);
    const [payment] = await this.#reader.paymentsOf(contractId);
    const payment_id = payment?.payment_id;
    await this.#post("provider", "/payments/webhook", { payment_id, status });
    this.deals.push(promised.settled(platformId, BECOMES[status]));
  }

  /** The recogniser has heard the caller say something. */
  async hear(platformId: string, text: string): Promise<void> {
    const { id } = await this.#reader.call(platformId);
    await this.#post("speech", `/calls/${id}/transcript`, { role: "other", text });
    this.words.push(promised.words(platformId, text));
  }

  async #contractOf(platformId: string): Promise<string> {
    const [contractId] = contractsOf(await this.#reader.call(platformId));
    if (contractId === undefined) throw new WrongAnswer(`${platformId} has no contract`);
    return contractId;
  }

  async #post(who: string, path: string, body?: unknown): Promise<void> {
    // The ids of calls are long, and no news.
    const shown = path.replace(/\/calls\/[^/]+/, "/calls/…");
    const said = body === undefined ? "" : ` ${JSON.stringify(body)}`;
    this.#stage.tell(who, "->", `POST ${shown}${said}`);
    await ask(this.#origin, "POST", path, body);
  }
}
