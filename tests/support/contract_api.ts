/**
 * Contracts and payments over REST, on a free port and a database in memory.
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { z } from "zod";
import type { Access } from "../../access/access.ts";
import { Contracts } from "../../contracts/contracts.ts";
import { ContractAnswer, PaymentAnswer } from "../../contracts/schemas.ts";
import { contractRoutes } from "../../routes/rest/contracts.ts";
import { refusalOf } from "../../routes/refusals.ts";
import { paymentRoutes } from "../../routes/rest/payments.ts";
import { IdempotentAnswers } from "../../http/idempotency.ts";
import { router } from "../../http/router.ts";
import { Replays } from "../../session/replays.ts";
import { Sessions } from "../../session/sessions.ts";
import { MEMORY, openSqlite } from "../../store/sqlite/open.ts";
import type { Store } from "../../store/store.ts";
import { accessWith } from "./access.ts";
import { within } from "./arrivals.ts";
import { answerTo } from "./http.ts";

export const BUYER = "+254712345678";
export const SELLER = "+254787654321";
export const PARTIES = [
  { phone: "254 712-345678", role: "buyer", name: "Wanjiru" },
  { phone: SELLER, role: "seller" },
];
/** A request for a contract. */
export const DEAL = {
  transcript: "I buy one hundred bags of maize.",
  parties: PARTIES,
  contract_type: "agricultural_supply",
  terms: { product: "maize" },
  total_amount: 150.1,
  currency: "KES",
};

/** An answer of the API. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** The REST API of contracts and payments. */
export class Api implements AsyncDisposable {
  readonly #store: Store;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(store: Store, access: Access) {
    const now = () => new Date();
    const contracts = new Contracts({ store: store.contracts, now, paymentsToEveryone: true });
    const stopping = new AbortController().signal;
    const failed = (error: unknown) => console.error(error);
    const services = { access, contracts, store, stopping, failed, replays: new Replays(1) };
    const handler = router({
      routes: [...contractRoutes(services), ...paymentRoutes(services)],
      access,
      allowedOrigins: [],
      stopping,
      limits: {},
      observe() {},
      sessions: new Sessions(),
      refusalOf,
      repeats: new IdempotentAnswers(store.requests, now),
      failed,
    });
    this.#store = store;
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  }

  static async open(keys: readonly string[] = []): Promise<Api> {
    return new Api(await openSqlite(MEMORY), await accessWith(keys));
  }

  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    return await this.send(path, {
      method,
      ...(body === undefined ? {} : {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
  }

  async send(path: string, init: RequestInit): Promise<Answer> {
    const url = `http://127.0.0.1:${this.#server.addr.port}/api/v1${path}`;
    const response = await answerTo(url, init);
    const { status, headers } = response;
    return { status, headers, body: await response.json() };
  }

  async deal(): Promise<string> {
    return parse(ContractAnswer, await this.ask("POST", "/contracts/create", DEAL), 201)
      .contract_id;
  }

  async checkout(contract_id: string): Promise<string> {
    const request = { contract_id, amount: 150.1, currency: "KES", phone_number: BUYER };
    return parse(PaymentAnswer, await this.ask("POST", "/payments/checkout", request), 201)
      .payment_id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(this.#server.shutdown(), () => "a request is still being answered");
    await this.#store.close();
  }
}

/** The body of an answer that matches its schema. */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  { status, body }: Answer,
  expected = 200,
): z.output<Schema> {
  assertEquals(status, expected, JSON.stringify(body));
  return schema.parse(body);
}

/** Asserts a problem document. */
export function refused({ status, headers, body }: Answer, expected: number, detail: string): void {
  assertEquals(status, expected, JSON.stringify(body));
  assertEquals(headers.get("content-type"), "application/problem+json");
  assertStringIncludes(String(body.detail), detail);
}

/** The fields that a 422 names. */
export function faultyFields({ status, body }: Answer): string[] {
  assertEquals(status, 422, JSON.stringify(body));
  return (body.errors as { field: string }[]).map(({ field }) => field);
}
