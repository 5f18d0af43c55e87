/** What is made with a token ends with it, and another token of its subject gets no more than it may. */
import { assert, assertEquals } from "@std/assert";
import { databaseFile } from "../../support/database_file.ts";
import { found } from "../../support/arrivals.ts";
import { type KeyedServer, ROOT_KEY } from "../../support/keyed_server.ts";
import { serverWithTokens } from "../../support/token_server.ts";
import { WebhookReceiver } from "../../support/webhook_receiver.ts";

const [ANN, BEN] = ["+254712345671", "+254712345672"];
const SETTINGS = { API_KEYS: ROOT_KEY, WEBHOOK_ALLOW_PRIVATE: "*" };

function deal(buyer = ANN) {
  return {
    transcript: "two bags",
    terms: { product: "maize" },
    total_amount: 100,
    parties: [{ phone: buyer, role: "buyer" }, { phone: "+254712345679", role: "seller" }],
  };
}

/** One event that webhooks hear of. */
async function happen(server: KeyedServer): Promise<void> {
  const { contract_id } = (await server.ask(ROOT_KEY, "POST", "/contracts/create", deal())).body;
  await server.ask(ROOT_KEY, "PUT", `/contracts/${contract_id}`, { status: "cancelled" });
}

Deno.test("a webhook of a token gets nothing once the token has expired, and is disabled", async () => {
  const laterMs = { now: 0 };
  await using receiver = new WebhookReceiver();
  await using other = new WebhookReceiver();
  const { server, token, stack } = await serverWithTokens({ laterMs, settings: SETTINGS });
  await using _stack = stack;
  const key = await token({ scope: "webhooks" });
  const types = ["contract_changed"];
  const asked = { url: receiver.url(), types };
  const { id } = (await server.ask(key, "POST", "/webhooks", asked)).body;
  await server.ask(ROOT_KEY, "POST", "/webhooks", { url: other.url(), types });
  await happen(server);
  await Promise.all([receiver.count(1), other.count(1)]);
  laterMs.now = 601_000;
  await happen(server);
  await other.count(2);
  const webhook = await found(async () => {
    const { body } = await server.ask(ROOT_KEY, "GET", `/webhooks/${id}`);
    return body.enabled ? undefined : body;
  }, () => "the webhook stays enabled");
  assertEquals(webhook.disabled_because, "the token that made it has expired");
  assertEquals(receiver.received.length, 1);
  const { deliveries } = (await server.ask(ROOT_KEY, "GET", `/webhooks/${id}/deliveries`)).body;
  assertEquals(deliveries.length, 1);
  const replay = `/webhooks/${id}/deliveries/${deliveries[0].id}/replay`;
  assertEquals((await server.ask(ROOT_KEY, "POST", replay)).status, 409);
  const enabled = { ...asked, enabled: true };
  assertEquals((await server.ask(ROOT_KEY, "PUT", `/webhooks/${id}`, enabled)).status, 409);
});

Deno.test("a webhook of a token ends with it also when the server was stopped meanwhile", async () => {
  const laterMs = { now: 0 };
  await using file = await databaseFile();
  await using receiver = new WebhookReceiver();
  const settings = { ...SETTINGS, DATABASE_URL: file.url };
  let id = "";
  {
    const { server, token, stack } = await serverWithTokens({ settings });
    await using _stack = stack;
    const asked = { url: receiver.url(), types: ["contract_changed"] };
    const made = await server.ask(await token({ scope: "webhooks" }), "POST", "/webhooks", asked);
    id = made.body.id;
  }
  laterMs.now = 601_000;
  const { server, stack } = await serverWithTokens({ laterMs, settings });
  await using _stack = stack;
  await found(async () => {
    const { body } = await server.ask(ROOT_KEY, "GET", `/webhooks/${id}`);
    return body.enabled ? undefined : body;
  }, () => "the webhook stays enabled");
});

Deno.test("a webhook of a wider token is not there for a narrower one of the same subject", async () => {
  await using receiver = new WebhookReceiver();
  const { server, token, stack } = await serverWithTokens({ settings: SETTINGS });
  await using _stack = stack;
  const scope = "webhooks";
  const wide = await token({ scope, client_id: [ANN, BEN] });
  const narrow = await token({ scope, client_id: ANN });
  const asked = { url: receiver.url(), types: ["contract_changed"], enabled: false };
  const { id } = (await server.ask(wide, "POST", "/webhooks", asked)).body;
  const own = (await server.ask(narrow, "POST", "/webhooks", asked)).body;
  const enabled = { ...asked, enabled: true };
  const path = `/webhooks/${id}`;
  const denied = [
    await server.ask(narrow, "GET", path),
    await server.ask(narrow, "PUT", path, enabled),
    await server.ask(narrow, "DELETE", path),
    await server.ask(narrow, "GET", `${path}/deliveries`),
  ];
  assertEquals(denied.map(({ status }) => status), [404, 404, 404, 404]);
  const seen = async (key: string) =>
    (await server.ask(key, "GET", "/webhooks")).body.webhooks.map(({ id }: { id: string }) => id);
  assertEquals(await seen(narrow), [own.id]);
  // A new token that may do the same goes on where the old one was, and a wider one sees both.
  assertEquals(await seen(await token({ scope, client_id: [BEN, ANN] })), [own.id, id]);
  // Somebody whose subject only looks the same sees nothing.
  assertEquals(await seen(await token({ scope, client_id: [ANN, BEN], sub: "ann\u0007" })), []);
  assertEquals((await server.ask(wide, "PUT", path, enabled)).status, 200);
});

Deno.test("an Idempotency-Key gives the answer to nobody who may do less, of the same subject", async () => {
  const { server, token, stack } = await serverWithTokens({ settings: SETTINGS });
  await using _stack = stack;
  const scope = "contracts:write contracts:read";
  const post = async (key: string, path = "/contracts/create") =>
    await server.ask(key, "POST", path, deal(), { "idempotency-key": "once" });
  const wide = await token({ scope, client_id: [ANN, BEN] });
  const first = await post(wide);
  assertEquals(first.status, 201);
  const repeated = await post(await token({ scope, client_id: [BEN, ANN] }));
  assertEquals(repeated.body.contract_id, first.body.contract_id);
  // What it may not do by itself it does not get as a repetition either.
  const other = await post(await token({ scope, client_id: BEN }));
  assertEquals(other.status, 403);
  const narrow = await post(await token({ scope, client_id: ANN }));
  const fewer = await post(await token({ scope: "contracts:write", client_id: [ANN, BEN] }));
  const alike = await post(await token({ scope, client_id: [ANN, BEN], sub: "ann\u0007" }));
  const ids = [first, narrow, fewer, alike].map(({ body }) => body.contract_id);
  assertEquals(new Set(ids).size, 4);
  assert(ids.every((id) => typeof id === "string"), JSON.stringify(ids));
});
