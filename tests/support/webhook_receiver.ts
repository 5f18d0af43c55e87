/**
 * A receiver of webhooks: a real HTTP server on a free port.
 * @module
 */
import { Arrivals, within } from "./arrivals.ts";

/** A received delivery. */
export interface Received {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  /** The `webhook-id`. */
  readonly id: string;
  /** The parsed body. */
  readonly event: {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

/** Decides on the answer; 204 by default. */
export type Answering = (received: Received, nth: number) => Response | Promise<Response>;

/** Receives webhooks until its disposal. */
export class WebhookReceiver implements AsyncDisposable {
  readonly #arrivals = new Arrivals<Received>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #secure: boolean;
  answering: Answering;

  constructor(answering: Answering = () => new Response(null, { status: 204 }), tls?: Tls) {
    this.answering = answering;
    this.#secure = tls !== undefined;
    const options = { port: 0, hostname: "127.0.0.1", onListen() {}, ...tls };
    this.#server = Deno.serve(options, (request) => this.#receive(request));
  }

  /** All deliveries so far. */
  get received(): readonly Received[] {
    return this.#arrivals.all;
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** Its URL with another host name, or with its address. */
  url(hostname = "127.0.0.1"): string {
    return `${this.#secure ? "https" : "http"}://${hostname}:${this.port}/hook?from=tipring`;
  }

  /** Resolves with all deliveries when there are this many. */
  count(count: number): Promise<readonly Received[]> {
    return this.#arrivals.count(count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await within(this.#server.shutdown(), () => "a delivery is still being answered");
  }

  async #receive(request: Request): Promise<Response> {
    const body = await request.text();
    const { url, headers } = request;
    const id = headers.get("webhook-id") ?? "";
    const received = { url, headers: new Headers(headers), body, id, event: JSON.parse(body) };
    this.#arrivals.push(received);
    return await this.answering(received, this.received.length);
  }
}

/** A certificate and its key in PEM. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}
