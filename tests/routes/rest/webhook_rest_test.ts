/** Webhooks over REST. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { verifyAudit } from "../../../store/sqlite/writes/audit.ts";
import { Database } from "../../../store/sqlite/database.ts";
import { answerTo } from "../../support/http.ts";
import { TestServer } from "../../support/server.ts";
import { WEBHOOK_LIMITS } from "../../../webhooks/limits.ts";
import { faultyFields, refused } from "../../support/contract_api.ts";
import { databaseFile } from "../../support/database_file.ts";
import { WebhookReceiver } from "../../support/webhook_receiver.ts";
import { WebhookServer } from "../../support/webhook_server.ts";

const RECEIVER_URL = "https://hooks.example/tipring";
const REQUEST = { url: RECEIVER_URL, types: ["ended", "cdr", "ended"] };
const SECRET = `whsec_${btoa("a secret of enough many bytes")}`;

Deno.test("webhooks REST: one is created, read, listed, changed and removed", async () => {
  await using server = await WebhookServer.start();
  const created = await server.ask("POST", "", REQUEST);
  assertEquals(created.status, 201);
  const { id, secret, created_at, changed_at, ...rest } = created.body;
  assertMatch(String(id), /^wh_[0-9a-f]{20}$/);
  assertMatch(String(secret), /^whsec_[A-Za-z0-9+/]{43}=$/);
  assertEquals(created_at, changed_at);
  assertEquals(created.headers.get("location"), `/api/v1/webhooks/${id}`);
  assertEquals(created.headers.get("cache-control"), "no-store");
  assertEquals(rest, {
    url: RECEIVER_URL,
    types: ["ended", "cdr"],
    description: null,
    enabled: true,
    disabled_because: null,
  });
  const { secret: _, ...shown } = created.body;
  assertEquals((await server.ask("GET", `/${id}`)).body, shown);
  assertEquals((await server.ask("GET", "")).body, { webhooks: [shown] });
  const change = { ...REQUEST, types: ["*"], description: "ours", enabled: false };
  const changed = await server.ask("PUT", `/${id}`, change);
  assertEquals(changed.status, 200);
  assertEquals([changed.body["types"], changed.body["enabled"]], [["*"], false]);
  assertEquals((await server.ask("DELETE", `/${id}`)).status, 204);
  for (
    const [method, path, body] of [
      ["GET", `/${id}`],
      ["PUT", `/${id}`, change],
      ["DELETE", `/${id}`],
      ["GET", `/${id}/deliveries`],
      ["GET", `/${id}/deliveries/msg_1`],
      ["POST", `/${id}/deliveries/msg_1/replay`],
    ] as const
  ) refused(await server.ask(method, path, body), 404, `There is no webhook ${id}`);
});

Deno.test("webhooks REST: an invalid request is refused with its field", async () => {
  await using server = await WebhookServer.start({ allowPrivate: "" });
  const wrong = async (more: object) =>
    faultyFields(await server.ask("POST", "", { ...REQUEST, ...more }));
  assertEquals(await wrong({ types: [] }), ["types"]);
  assertEquals(await wrong({ types: ["eneded"] }), ["types.0"]);
  assertEquals(await wrong({ secret: "whsec_c2hvcnQ=" }), ["secret"]);
  assertEquals(await wrong({ secret: `whsec_${btoa("x".repeat(65))}` }), ["secret"]);
  assertEquals(await wrong({ secret: "a secret of enough many bytes" }), ["secret"]);
  assertEquals(await wrong({ enabled: "yes", description: 1 }), ["description", "enabled"]);
  for (const url of ["no url", "ftp://hooks.example", "https://me:pw@hooks.example"]) {
    assertEquals(await wrong({ url }), ["url"]);
  }
  const local = await server.ask("POST", "", { ...REQUEST, url: "http://169.254.169.254/latest" });
  refused(local, 422, "169.254.169.254 is linkLocal");
  assertEquals(faultyFields(await server.ask("GET", "/wh_1/deliveries?state=lost&limit=0")), [
    "state",
    "limit",
  ]);
});

Deno.test("webhooks REST: a repeated request with a key creates one webhook and shows its secret", async () => {
  await using server = await WebhookServer.start();
  const headers = { "idempotency-key": "once" };
  const first = await server.ask("POST", "", REQUEST, headers);
  const second = await server.ask("POST", "", REQUEST, headers);
  assertEquals([first.status, second.status], [201, 201]);
  assertEquals(second.body, first.body);
  assertEquals((await server.server.services.webhooks.list()).length, 1);
});

Deno.test("webhooks REST: their number is limited", async () => {
  await using server = await WebhookServer.start();
  for (let nth = 0; nth < WEBHOOK_LIMITS.all; nth++) await server.subscribe(RECEIVER_URL);
  refused(await server.ask("POST", "", REQUEST), 409, `there are ${WEBHOOK_LIMITS.all} already`);
});

Deno.test("LIMIT_WEBHOOKS_PER_KEY: one more of a key is refused, another key's is created", async () => {
  const [first, second] = ["a-key-of-24-characters-1", "a-key-of-24-characters-2"];
  await using server = await TestServer.start({
    settings: { API_KEYS: `${first},${second}`, LIMIT_WEBHOOKS_PER_KEY: "2", LIMIT_WEBHOOKS: "3" },
  });
  const add = async (key: string) => {
    const answer = await answerTo(server.http("/api/v1/webhooks"), {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(REQUEST),
    });
    return [answer.status, (await answer.json()).detail];
  };
  assertEquals([(await add(first!))[0], (await add(first!))[0]], [201, 201]);
  assertEquals(await add(first!), [409, "Cannot add a webhook: your key has 2 already"]);
  assertEquals((await add(second!))[0], 201);
  assertEquals(await add(second!), [409, "Cannot add a webhook: there are 3 already"]);
  const { refusals } = server.server.services.admission;
  assertEquals([refusals.of("webhooks of a key"), refusals.of("webhooks")], [1, 1]);
});

Deno.test("webhooks REST: deliveries are paged, the latest event first", async () => {
  await using receiver = new WebhookReceiver();
  await using server = await WebhookServer.start();
  const { id } = await server.subscribe(receiver.url());
  for (let nth = 0; nth < 5; nth++) await server.happen();
  await receiver.count(5);
  const { events } = server.server.services.store;
  const ids = (await events.after(0, { types: ["contract_changed"] }, 9)).map(({ id }) => id);
  const [first, second, third, fourth, fifth] = ids;
  const pages: number[][] = [];
  let cursor = "";
  do {
    const { body } = await server.ask("GET", `/${id}/deliveries?limit=2${cursor}`);
    pages.push((body["deliveries"] as { event_id: number }[]).map(({ event_id }) => event_id));
    cursor = body["next_cursor"] === undefined ? "" : `&cursor=${body["next_cursor"]}`;
  } while (cursor !== "");
  assertEquals(pages, [[fifth, fourth], [third, second], [first]]);
});

Deno.test("webhooks REST: changes are in the audit trail, and the secret is shown only once", async () => {
  await using file = await databaseFile();
  await using receiver = new WebhookReceiver(() => new Response(null, { status: 410 }));
  await using server = await WebhookServer.start({ database: file.path });
  const { id, secret } = await server.subscribe(receiver.url(), { secret: SECRET });
  assertEquals(secret, SECRET);
  await server.happen();
  const { id: deliveryId } = await server.delivery(id, ({ state }) => state === "dead");
  const other = SECRET.replace("whsec_YSB", "whsec_YSC");
  assertNotEquals(other, SECRET);
  const change = { url: receiver.url(), types: ["ended"], enabled: false, secret: other };
  const texts = [
    await server.ask("PUT", `/${id}`, change),
    await server.ask("GET", `/${id}`),
    await server.ask("GET", ""),
    await server.ask("GET", `/${id}/deliveries`),
    await server.ask("GET", `/${id}/deliveries/${deliveryId}`),
    server.logged,
  ].map((shown) => JSON.stringify(shown));
  await server.ask("DELETE", `/${id}`);
  using reader = new DisposableDatabase(file.path);
  assertEquals(verifyAudit(reader).fault, undefined);
  const entries = reader.all("SELECT * FROM audit WHERE subject = ? ORDER BY id", `webhook ${id}`);
  assertEquals(entries.map(({ action, actor }) => `${action} by ${actor}`), [
    "webhook_created by local",
    "webhook_disabled by receiver",
    "webhook_changed by local",
    "webhook_removed by local",
  ]);
  for (const text of [...texts, JSON.stringify(entries)]) assert(!/whsec_/.test(text), text);
  assertEquals(reader.all("SELECT * FROM deliveries"), []);
});

class DisposableDatabase extends Database implements Disposable {
  constructor(path: string) {
    super(path, { readOnly: true });
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
