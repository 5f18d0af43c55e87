/**
 * The actors that use REST: a party that signs, a payment provider, a speech recogniser. They
 * record everything that a 2xx acknowledged.
 * @module
 */
import type { Item } from "./count.ts";
import { contractsOf, promised } from "./ledgers.ts";
import type { RecordReader } from "./record_reader.ts";
import { ask, WrongAnswer } from "./rest.ts";
import type { Story } from "./story.ts";

/** The payment statuses that result from those of the provider. */
const BECOMES = { Success: "locked", Released: "released" } as const;

/** The REST clients of one server. */
export class RestActors {
  /** Acknowledged signatures and payments. */
  readonly deals: Item[] = [];
  /** Acknowledged transcripts. */
  readonly words: Item[] = [];
  readonly #origin: string;
  readonly #reader: RecordReader;
  readonly #story: Story;

  constructor(origin: string, reader: RecordReader, story: Story) {
    this.#origin = origin;
    this.#reader = reader;
    this.#story = story;
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

  /** The provider reports the status of a call's payment. */
  async settle(platformId: string, status: keyof typeof BECOMES): Promise<void> {
    const contractId = await this.#contractOf(platformId);
    const [payment] = await this.#reader.paymentsOf(contractId);
    const payment_id = payment?.payment_id;
    await this.#post("provider", "/payments/webhook", { payment_id, status });
    this.deals.push(promised.settled(platformId, BECOMES[status]));
  }

  /** The recogniser posts words of the caller. */
  async transcribe(platformId: string, text: string): Promise<void> {
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
    // Call ids are long and mean nothing to a reader.
    const shown = path.replace(/\/calls\/[^/]+/, "/calls/…");
    const said = body === undefined ? "" : ` ${JSON.stringify(body)}`;
    this.#story.line(who, "->", `POST ${shown}${said}`);
    await ask(this.#origin, "POST", path, body);
  }
}
