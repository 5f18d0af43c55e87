/**
 * A server that receives webhook deliveries and survives the kills.
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";
import type { Load } from "./load.ts";
import type { Json, ReceiverLog } from "./logs.ts";
import { ask } from "./rest.ts";

/** How many different events it has received. */
export function receivedEvents({ deliveries }: ReceiverLog): number {
  return new Set(deliveries.map(({ eventId }) => eventId)).size;
}

/** Subscribes to these types, and receives deliveries until its disposal. */
export class Receiver implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #log: ReceiverLog;

  constructor(load: Load, types: readonly string[]) {
    const log: ReceiverLog = { types, deliveries: [], requests: [] };
    this.#log = log;
    load.logs.receivers.push(log);
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const id = request.headers.get("webhook-id") ?? "";
        const body = await request.json() as { data: Json };
        log.deliveries.push({ id, eventId: Number(body.data["event_id"]) });
        return new Response(null, { status: 204 });
      },
    );
  }

  /** Subscribes. */
  async subscribe(load: Load, random: SeededRandom): Promise<void> {
    const { port } = this.#server.addr;
    const body = { url: `http://127.0.0.1:${port}/`, types: this.#log.types };
    const asked = { method: "POST", path: "/api/v1/webhooks", body } as const;
    await ask(load, random, asked, this.#log.requests);
  }

  /** Stops receiving. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
