/** Deliveries across a restart: none is lost, and none gets a second id. */
import { assertEquals } from "@std/assert";
import { Contracts } from "../../contracts/contracts.ts";
import { ContractCreate } from "../../contracts/schemas.ts";
import { openSqlite } from "../../store/sqlite/open.ts";
import { DEAL } from "../support/contract_api.ts";
import { databaseFile } from "../support/database_file.ts";
import { WebhookReceiver } from "../support/webhook_receiver.ts";
import { WebhookServer } from "../support/webhook_server.ts";

/** Stores an event that no outbox sees, as if the process died before its delivery was recorded. */
async function storeUndelivered(path: string): Promise<string> {
  const store = await openSqlite(path);
  const now = () => new Date();
  const contracts = new Contracts({ store: store.contracts, now, paymentsToEveryone: true });
  const { id } = await contracts.create(ContractCreate.parse(DEAL), "test");
  await contracts.change(id, { status: "cancelled" }, "test");
  await store.close();
  return id;
}

Deno.test("webhooks: a restart loses no event and gives none a second id", async () => {
  await using file = await databaseFile();
  const contracts: string[] = [];
  const over = Promise.withResolvers<Response>();
  await using receiver = new WebhookReceiver((_received, nth) =>
    nth === 1 ? new Response() : over.promise
  );
  let webhookId = "";
  contracts.push(await storeUndelivered(file.path));
  {
    await using server = await WebhookServer.start({ database: file.path });
    webhookId = (await server.subscribe(receiver.url())).id;
    contracts.push(await server.happen());
    await server.delivery(webhookId, ({ state }) => state === "delivered");
    // These are being sent when the server ends.
    contracts.push(await server.happen(), await server.happen());
    await receiver.count(3);
  }
  over.resolve(new Response());
  receiver.answering = () => new Response();
  contracts.push(await storeUndelivered(file.path), await storeUndelivered(file.path));
  await using server = await WebhookServer.start({ database: file.path });
  contracts.push(await server.happen());
  await server.until(async () => {
    const delivered = await server.deliveries(webhookId, "?state=delivered");
    return delivered.length === 6 ? delivered : undefined;
  });
  const idsByContract = new Map<unknown, Set<string>>();
  for (const { id, event } of receiver.received) {
    const contractId = event.data["contract_id"];
    idsByContract.set(contractId, (idsByContract.get(contractId) ?? new Set()).add(id));
  }
  // The first event is older than the webhook.
  assertEquals(new Set(idsByContract.keys()), new Set(contracts.slice(1)));
  for (const ids of idsByContract.values()) assertEquals(ids.size, 1);
  assertEquals(receiver.received.length, 8);
});

Deno.test("webhooks: retries continue after a restart", async () => {
  await using file = await databaseFile();
  await using receiver = new WebhookReceiver(() => new Response(null, { status: 500 }));
  let now = new Date();
  const tuning = { delaysMs: [60_000], now: () => now };
  let webhookId = "";
  {
    await using server = await WebhookServer.start({ database: file.path, tuning });
    webhookId = (await server.subscribe(receiver.url())).id;
    await server.happen();
    await server.delivery(webhookId, ({ attempts }) => attempts.length === 1);
  }
  now = new Date(now.getTime() + 61_000);
  await using server = await WebhookServer.start({ database: file.path, tuning });
  const dead = await server.delivery(webhookId, ({ state }) => state === "dead");
  assertEquals(receiver.received.map(({ id }) => id), [dead.id, dead.id]);
});
