/** Keys over REST: made, shown once, listed, revoked, and named in every record. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { KEY_PATTERN } from "../../../access/key_text.ts";
import { verifyAudit } from "../../../store/sqlite/writes/audit.ts";
import { Database } from "../../../store/sqlite/database.ts";
import { databaseFile } from "../../support/database_file.ts";
import { KeyedServer, type MadeKey, ROOT_KEY } from "../../support/keyed_server.ts";
import { TestServer } from "../../support/server.ts";

Deno.test("POST /keys creates a key and shows it once", async () => {
  await using server = await KeyedServer.start();
  const asked = {
    name: " crm ",
    scopes: ["calls:read", "webhooks", "calls:read"],
    clients: ["254 712-345678"],
    numbers: ["5000"],
    expires_in_s: 60,
  };
  const { status, headers, body } = await server.ask(ROOT_KEY, "POST", "/keys", asked);
  assertEquals([status, headers.get("cache-control")], [201, "no-store"]);
  const { key, id, created_at, expires_at, ...rest } = body;
  assertMatch(key, KEY_PATTERN);
  assertEquals(rest, {
    name: "crm",
    scopes: ["calls:read", "webhooks"],
    clients: ["+254712345678"],
    numbers: ["5000"],
    revoked_at: null,
    last_used_at: null,
  });
  assertEquals(Date.parse(expires_at) - Date.parse(created_at), 60_000);
  const list = await server.ask(ROOT_KEY, "GET", "/keys");
  assertEquals(list.body.keys.map((shown: MadeKey) => shown.id), [id]);
  const seen = JSON.stringify([list.body, server.test.log.all]);
  assert(!seen.includes(key.slice(15)), "only the first answer has it");
});

Deno.test("POST /keys refuses invalid keys, with the fields at fault", async () => {
  await using server = await KeyedServer.start();
  const valid = { name: "crm", scopes: ["all"] };
  const wrong: [string, object][] = [
    ["scopes.0", { ...valid, scopes: ["everything"] }],
    ["scopes", { ...valid, scopes: [] }],
    ["name", { ...valid, name: "two\nlines" }],
    ["name", { ...valid, name: "  " }],
    ["clients", { ...valid, clients: [] }],
    ["numbers.0", { ...valid, numbers: [""] }],
    ["expires_in_s", { ...valid, expires_in_s: 0 }],
  ];
  for (const [field, body] of wrong) {
    const answer = await server.ask(ROOT_KEY, "POST", "/keys", body);
    assertEquals([field, answer.status], [field, 422]);
    assertEquals(answer.body.errors[0].field, field);
  }
});

Deno.test("POST /keys with an Idempotency-Key creates one key, and never stores its text", async () => {
  await using file = await databaseFile();
  let key = "";
  {
    await using server = await KeyedServer.start({ settings: { DATABASE_URL: file.url } });
    const make = () => {
      const headers = { "idempotency-key": "once" };
      return server.ask(ROOT_KEY, "POST", "/keys", { name: "crm", scopes: ["all"] }, headers);
    };
    const [first, second] = [await make(), await make()];
    assertEquals([first.status, second.status], [201, 409]);
    assertEquals(first.headers.get("cache-control"), "no-store");
    key = first.body.key;
    assertEquals((await server.ask(ROOT_KEY, "GET", "/keys")).body.keys.length, 1);
  }
  const bytes = new TextDecoder("latin1").decode(await Deno.readFile(file.path));
  assert(bytes.includes("key_created") && !bytes.includes(key.slice(15)));
});

Deno.test("GET /keys returns pages, newest first, and refuses a foreign cursor", async () => {
  await using server = await KeyedServer.start();
  const made: string[] = [];
  for (let nth = 0; nth < 5; nth++) made.unshift((await server.key({ scopes: ["all"] })).id);
  const ids: string[] = [];
  let cursor = "";
  do {
    const { body } = await server.ask(ROOT_KEY, "GET", `/keys?limit=2${cursor}`);
    ids.push(...body.keys.map(({ id }: MadeKey) => id));
    cursor = body.next_cursor === undefined ? "" : `&cursor=${body.next_cursor}`;
  } while (cursor !== "");
  assertEquals(ids, made);
  assertEquals((await server.ask(ROOT_KEY, "GET", "/keys?cursor=none")).status, 400);
});

Deno.test("DELETE /keys/:id revokes a key for good, and repeats without effect", async () => {
  await using file = await databaseFile();
  const settings = { DATABASE_URL: file.url };
  let made: MadeKey;
  {
    await using server = await KeyedServer.start({ settings });
    made = await server.key({ scopes: ["calls:read"] });
    assertEquals((await server.ask(made.key, "GET", "/calls")).status, 200);
    for (let times = 0; times < 2; times++) {
      assertEquals((await server.ask(ROOT_KEY, "DELETE", `/keys/${made.id}`)).status, 204);
    }
    assertEquals((await server.ask(made.key, "GET", "/calls")).status, 401);
    assertEquals((await server.ask(ROOT_KEY, "DELETE", "/keys/none")).status, 404);
  }
  {
    await using server = await KeyedServer.start({ settings });
    assertEquals((await server.ask(made.key, "GET", "/calls")).status, 401);
    const { keys: [key] } = (await server.ask(ROOT_KEY, "GET", "/keys")).body;
    assertNotEquals([key.revoked_at, key.last_used_at].includes(null), true);
  }
  const reader = new Database(file.path, { readOnly: true });
  const entries = reader.all("SELECT * FROM audit ORDER BY id");
  assertEquals(entries.map(({ action, subject }) => [action, subject]), [
    ["key_created", `key ${made.id}`],
    ["key_revoked", `key ${made.id}`],
  ]);
  for (const { actor } of entries) assertMatch(String(actor), /^key:env-[0-9a-f]{8} API_KEYS$/);
  assertEquals(verifyAudit(reader).fault, undefined);
  reader.close();
});

Deno.test("the record and the audit trail name the key by id and name, without an address", async () => {
  await using file = await databaseFile();
  const settings = { DATABASE_URL: file.url };
  let name = "";
  {
    await using server = await KeyedServer.start({ settings });
    const { key, id } = await server.key({ scopes: ["all"] });
    name = `key:${id} crm`;
    await using line = await server.inboundCall("5000", "s", key);
    const call = await server.test.call("inbound", "s");
    await server.ask(key, "POST", `/calls/${call.id}/actions`, { action: "note", text: "hm" });
    await using watcher = await server.open(
      key,
      `/ws/v1/liveCalls?conversationToken=${call.liveConversationToken}&user_id=ann`,
    );
    watcher.send({ type: "client:endCall", id: "1" });
    await watcher.whenClosed();
    const { body } = await server.ask(key, "GET", `/calls/${call.id}/events`);
    const actorOf = (type: string) =>
      body.events.find((event: { type: string }) => event.type === type).actor;
    assertEquals(actorOf("started"), `${name}, line`);
    assertEquals(actorOf("note"), name);
    assertEquals(actorOf("watched"), `${name}, user ann`);
    assertEquals(actorOf("end_requested"), `${name}, user ann`);
    const phones = ["+254712345671", "+254712345672"];
    const parties = [{ phone: phones[0], role: "buyer" }, { phone: phones[1], role: "seller" }];
    const deal = { transcript: "two bags", total_amount: 100, parties };
    const { contract_id } = (await server.ask(key, "POST", "/contracts/create", deal)).body;
    const query = `phone_number=${encodeURIComponent(phones[0]!)}`;
    await server.ask(key, "POST", `/contracts/${contract_id}/confirm?${query}`);
    const checkout = { contract_id, amount: 100, phone_number: phones[0] };
    const { payment_id } = (await server.ask(key, "POST", "/payments/checkout", checkout)).body;
    await server.ask(key, "POST", "/payments/webhook", { payment_id, status: "Success" });
    line.send({ event: "cdr" });
    await line.whenClosed();
  }
  const reader = new Database(file.path, { readOnly: true });
  const actors = reader.all("SELECT action, actor FROM audit WHERE action NOT LIKE 'key%'");
  assertEquals(actors.map(({ action, actor }) => [action, actor]), [
    ["contract_created", name],
    ["contract_signed", `${name}, +254712345671`],
    ["payment_recorded", name],
    ["payment_settled", `${name}, provider`],
  ]);
  const told = reader.all("SELECT actor FROM events UNION SELECT actor FROM audit");
  for (const { actor } of told) assert(!String(actor).includes("127.0.0.1"), String(actor));
  reader.close();
});

Deno.test("the first key on a laptop closes the server, and `dev` stops working", async () => {
  await using server = await TestServer.start();
  const list = () => fetch(server.http("/api/v1/calls"));
  const before = await list();
  assertEquals(before.status, 200);
  await before.body?.cancel();
  const { key } = await server.rest("POST", "/keys", { name: "first", scopes: ["all"] });
  for (const query of ["", "?key=dev"]) {
    const after = await fetch(server.http(`/api/v1/calls${query}`));
    assertEquals(after.status, 401);
    await after.body?.cancel();
  }
  const keyed = await fetch(server.http(`/api/v1/calls?key=${key}`));
  assertEquals(keyed.status, 200);
  await keyed.body?.cancel();
});
