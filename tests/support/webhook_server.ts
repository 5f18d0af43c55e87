/**
 * A whole server whose webhooks retry quickly and may reach this machine.
 * @module
 */
import { assertEquals } from "@std/assert";
import { readConfig } from "../../config/config.ts";
import { ContractCreate } from "../../contracts/schemas.ts";
import type { Log } from "../../log.ts";
import { type Server, startServer } from "../../server/start.ts";
import type { WebhookTuning } from "../../webhooks/webhooks.ts";
import { within } from "./arrivals.ts";
import { type Answer, DEAL } from "./contract_api.ts";
import { answerTo } from "./http.ts";

/** How the server differs from one with two quick retries, in memory. */
export interface WebhookServerOptions {
  readonly database?: string;
  readonly allowPrivate?: string;
  readonly tuning?: Partial<WebhookTuning>;
}

/** A delivery in an answer of REST. */
export interface DeliveryBody {
  readonly id: string;
  readonly event_id: number;
  readonly type: string;
  readonly state: string;
  readonly next_attempt_at: string | null;
  readonly attempt_count: number;
  readonly attempts: readonly {
    readonly at: string;
    readonly duration_ms: number;
    readonly status: number | null;
    readonly error: string | null;
    readonly excerpt: string | null;
  }[];
}

/** A created webhook. */
export interface Subscription {
  readonly id: string;
  readonly secret: string;
}

/** A server with webhooks. */
export class WebhookServer implements AsyncDisposable {
  readonly server: Server;
  /** Every logged line. */
  readonly logged: string[];
  readonly #heard: (() => void)[] = [];

  private constructor(server: Server, logged: string[]) {
    this.server = server;
    this.logged = logged;
    const { store } = server.services;
    const first = store.onPersisted;
    store.onPersisted = (logged) => {
      first?.(logged);
      for (const hear of this.#heard.splice(0)) hear();
    };
  }

  static async start(options: WebhookServerOptions = {}): Promise<WebhookServer> {
    const { database = ":memory:", allowPrivate = "127.0.0.0/8", tuning } = options;
    const logged: string[] = [];
    const config = readConfig({
      PORTS: "0",
      DATABASE_URL: `sqlite:${database}`,
      ...(allowPrivate === "" ? {} : { WEBHOOK_ALLOW_PRIVATE: allowPrivate }),
    });
    const webhooks = { delaysMs: [0, 0], chance: () => 0.5, ...tuning };
    return new WebhookServer(await startServer({ config, log: logTo(logged), webhooks }), logged);
  }

  /** Sends a request to a path below `/api/v1/webhooks`. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const { port } = this.server.addresses[0]!;
    const response = await answerTo(`http://127.0.0.1:${port}/api/v1/webhooks${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { "content-type": "application/json", ...headers },
    });
    const text = await response.text();
    const { status, headers: answered } = response;
    return { status, headers: answered, body: text === "" ? {} : JSON.parse(text) };
  }

  /** Adds a webhook for contracts. */
  async subscribe(url: string, more: Record<string, unknown> = {}): Promise<Subscription> {
    const request = { url, types: ["contract_changed"], ...more };
    const { status, body } = await this.ask("POST", "", request);
    assertEquals(status, 201, JSON.stringify(body));
    return body as unknown as Subscription;
  }

  /** Creates and cancels a contract, which is one event. */
  async happen(): Promise<string> {
    const { contracts } = this.server.services;
    const { id } = await contracts.create(ContractCreate.parse(DEAL), "test");
    await contracts.change(id, { status: "cancelled" }, "test");
    return id;
  }

  /** The deliveries of a webhook, the latest event first. */
  async deliveries(webhookId: string, query = ""): Promise<readonly DeliveryBody[]> {
    const { body } = await this.ask("GET", `/${webhookId}/deliveries${query}`);
    return body["deliveries"] as DeliveryBody[];
  }

  /** The latest delivery with its attempts, once it matches. */
  async delivery(
    webhookId: string,
    fits: (delivery: DeliveryBody) => boolean,
  ): Promise<DeliveryBody> {
    return await this.until(async () => {
      const latest = (await this.deliveries(webhookId))[0];
      if (latest === undefined) return undefined;
      const { body } = await this.ask("GET", `/${webhookId}/deliveries/${latest.id}`);
      const delivery = body as unknown as DeliveryBody;
      return fits(delivery) ? delivery : undefined;
    });
  }

  /** Resolves when the search finds something; it searches again after every persisted batch. */
  async until<Found>(find: () => Promise<Found | undefined>): Promise<Found> {
    while (true) {
      const kept = new Promise<void>((resolve) => this.#heard.push(resolve));
      const found = await find();
      if (found !== undefined) return found;
      await within(kept, () => `nothing more is kept; the log ends with ${this.#lastLogged()}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(this.server.stop(), () => "the server does not stop");
  }

  #lastLogged(): string {
    return Deno.inspect(this.logged.slice(-8));
  }
}

function logTo(lines: string[]): Log {
  const log = (message: string, fields = {}) =>
    void lines.push(
      JSON.stringify({
        message,
        ...Object.fromEntries(
          Object.entries(fields).map((
            [name, value],
          ) => [name, value instanceof Error ? value.stack : value]),
        ),
      }),
    );
  return { debug: log, info: log, warn: log, error: log };
}
