/** Deliveries as their receiver sees them: signed, retried with one id, finally given up. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { validateWebhook } from "replicate";
import { LANES } from "../../webhooks/dispatcher.ts";
import { WebhookReceiver } from "../support/webhook_receiver.ts";
import { WebhookServer } from "../support/webhook_server.ts";

const refuse = (status: number, headers = {}) => () => new Response("no", { status, headers });

Deno.test("webhooks: another package accepts the signature of a delivery", async () => {
  await using receiver = new WebhookReceiver();
  await using server = await WebhookServer.start();
  const { id, secret } = await server.subscribe(receiver.url());
  const contractId = await server.happen();
  const [{ headers, body, url, event }] = await receiver.count(1) as [typeof receiver.received[0]];
  assert(await validateWebhook({ headers, body } as never, secret));
  assert(!await validateWebhook({ headers, body: `${body} ` } as never, secret));
  assertEquals(headers.get("content-type"), "application/json");
  assertEquals(new URL(url).pathname + new URL(url).search, "/hook?from=tipring");
  assertEquals(event.type, "contract_changed");
  assertEquals(event.data["contract_id"], contractId);
  assertEquals(event.data["status"], "cancelled");
  assertEquals(new Date(event.timestamp).toISOString(), event.timestamp);
  const delivery = await server.delivery(id, ({ state }) => state === "delivered");
  assertEquals(headers.get("webhook-id"), delivery.id);
  assertEquals(delivery.event_id, event.data["event_id"]);
  assertEquals(delivery.attempts.map(({ status, error }) => [status, error]), [[204, null]]);
});

Deno.test("webhooks: a call's event has the call's id and its number in the record", async () => {
  await using receiver = new WebhookReceiver();
  await using server = await WebhookServer.start();
  await server.subscribe(receiver.url(), { types: ["note"] });
  const { calls } = server.server.services;
  const call = await calls.begin({
    line: "inbound",
    platformId: "s-1",
    direction: "inbound",
    from: "1",
    to: "2",
  });
  const note = { type: "note", actor: "us", data: { text: "hello", event_id: -1 } } as const;
  await calls.record(call.id, note);
  const [{ event }] = await receiver.count(1) as [typeof receiver.received[0]];
  assertEquals(event.type, "note");
  const { event_id, ...data } = event.data;
  assertEquals(data, { text: "hello", actor: "us", call_id: call.id, seq: 2 });
  assertNotEquals(event_id, -1);
});

Deno.test("webhooks: a delivery is persisted before it is sent", async () => {
  await using server = await WebhookServer.start();
  let webhookId = "";
  const found: unknown[] = [];
  await using receiver = new WebhookReceiver(async ({ id }) => {
    const { status, body } = await server.ask("GET", `/${webhookId}/deliveries/${id}`);
    found.push([status, body["state"], body["attempt_count"]]);
    return new Response();
  });
  webhookId = (await server.subscribe(receiver.url())).id;
  await server.happen();
  await server.delivery(webhookId, ({ state }) => state === "delivered");
  assertEquals(found, [[200, "waiting", 0]]);
});

Deno.test("webhooks: a retry has the same id and a new signature", async () => {
  await using receiver = new WebhookReceiver((_received, nth) =>
    new Response(nth < 3 ? "busy\n" : "thanks", { status: nth < 3 ? 503 : 200 })
  );
  await using server = await WebhookServer.start();
  const { id, secret } = await server.subscribe(receiver.url());
  await server.happen();
  const delivery = await server.delivery(id, ({ state }) => state === "delivered");
  assertEquals(new Set(receiver.received.map(({ id }) => id)), new Set([delivery.id]));
  assertEquals(new Set(receiver.received.map(({ body }) => body)).size, 1);
  for (const { headers, body } of receiver.received) {
    assert(await validateWebhook({ headers, body } as never, secret));
  }
  assertEquals(delivery.attempts.map(({ status, error, excerpt }) => [status, error, excerpt]), [
    [503, "answered 503", "busy"],
    [503, "answered 503", "busy"],
    [200, null, "thanks"],
  ]);
  assertEquals(delivery.next_attempt_at, null);
});

Deno.test("webhooks: a delivery is dead after the last retry, is listed, and can be replayed", async () => {
  await using receiver = new WebhookReceiver(refuse(500));
  await using server = await WebhookServer.start();
  const { id } = await server.subscribe(receiver.url());
  await server.happen();
  const dead = await server.delivery(id, ({ state }) => state === "dead");
  assertEquals([dead.attempt_count, dead.next_attempt_at], [3, null]);
  assertEquals((await server.deliveries(id, "?state=dead")).map(({ id }) => id), [dead.id]);
  assertEquals(await server.deliveries(id, "?state=delivered"), []);
  receiver.answering = () => new Response();
  const { status } = await server.ask("POST", `/${id}/deliveries/${dead.id}/replay`);
  assertEquals(status, 202);
  const delivered = await server.delivery(id, ({ state }) => state === "delivered");
  assertEquals([delivered.id, delivered.attempt_count], [dead.id, 4]);
  assertEquals(receiver.received.map(({ id }) => id), Array(4).fill(dead.id));
  assert(server.logged.some((line) => line.includes("a delivery is given up")));
});

Deno.test("webhooks: 410 disables a webhook; once re-enabled it gets only new events", async () => {
  await using receiver = new WebhookReceiver(refuse(410));
  await using server = await WebhookServer.start();
  const { id } = await server.subscribe(receiver.url());
  await server.happen();
  const dead = await server.delivery(id, ({ state }) => state === "dead");
  assertEquals(dead.attempt_count, 1);
  const { body } = await server.ask("GET", `/${id}`);
  assertEquals([body["enabled"], body["disabled_because"]], [false, "The receiver answered 410"]);
  await server.happen();
  const replay = await server.ask("POST", `/${id}/deliveries/${dead.id}/replay`);
  assertEquals(replay.status, 409);
  receiver.answering = () => new Response();
  const change = { url: receiver.url(), types: ["contract_changed"], enabled: true };
  const changed = await server.ask("PUT", `/${id}`, change);
  assertEquals([changed.status, changed.body["disabled_because"]], [200, null]);
  const contractId = await server.happen();
  const [, second] = await receiver.count(2);
  assertEquals(second?.event.data["contract_id"], contractId);
  assertEquals((await server.deliveries(id)).length, 2);
});

Deno.test("webhooks: Retry-After is honoured", async () => {
  await using receiver = new WebhookReceiver(refuse(429, { "retry-after": "3600" }));
  await using server = await WebhookServer.start();
  const { id } = await server.subscribe(receiver.url());
  await server.happen();
  const { attempts, next_attempt_at } = await server.delivery(
    id,
    ({ attempts }) => attempts.length === 1,
  );
  const attempt = attempts[0]!;
  const waitMs = Date.parse(next_attempt_at!) - Date.parse(attempt.at) - attempt.duration_ms;
  assertEquals(waitMs, 3_600_000);
});

Deno.test("webhooks: redirects are not followed", async () => {
  await using elsewhere = new WebhookReceiver();
  await using receiver = new WebhookReceiver(refuse(307, { location: elsewhere.url() }));
  await using server = await WebhookServer.start({ tuning: { delaysMs: [] } });
  const { id } = await server.subscribe(receiver.url());
  await server.happen();
  const { attempts } = await server.delivery(id, ({ state }) => state === "dead");
  assertEquals(attempts.map(({ status, error }) => [status, error]), [
    [307, "answered 307, and redirects are not followed"],
  ]);
  assertEquals(elsewhere.received, []);
});

Deno.test("webhooks: an attempt to a silent receiver times out", async () => {
  const over = Promise.withResolvers<Response>();
  await using mute = new WebhookReceiver(() => over.promise);
  await using server = await WebhookServer.start({ tuning: { delaysMs: [], timeoutMs: 50 } });
  const { id } = await server.subscribe(mute.url());
  await server.happen();
  const { attempts } = await server.delivery(id, ({ state }) => state === "dead");
  assertEquals(attempts.map(({ status, error }) => [status, error]), [
    [null, "no answer within 50 ms"],
  ]);
  over.resolve(new Response());
});

Deno.test("webhooks: a silent receiver delays no other", async () => {
  const over = Promise.withResolvers<Response>();
  await using mute = new WebhookReceiver(() => over.promise.then((response) => response.clone()));
  await using quick = new WebhookReceiver();
  await using server = await WebhookServer.start();
  await server.subscribe(mute.url());
  await server.subscribe(quick.url());
  const contracts: string[] = [];
  for (let nth = 0; nth < LANES * 2; nth++) contracts.push(await server.happen());
  const received = await quick.count(LANES * 2);
  const told = received.map(({ event }) => event.data["contract_id"]);
  assertEquals(told.toSorted(), contracts.toSorted());
  assertEquals(mute.received.length, LANES);
  over.resolve(new Response());
  assertEquals(new Set((await mute.count(LANES * 2)).map(({ id }) => id)).size, LANES * 2);
});
