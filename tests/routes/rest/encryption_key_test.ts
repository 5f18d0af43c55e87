/** The public keys of clients over REST: registered, replaced, removed; and the encryption that follows. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { calculateJwkThumbprint } from "jose";
import { verifyAudit } from "../../../store/sqlite/writes/audit.ts";
import { Database } from "../../../store/sqlite/database.ts";
import { databaseFile } from "../../support/database_file.ts";
import { faultyFields, refused } from "../../support/contract_api.ts";
import { eachWithin, within } from "../../support/arrivals.ts";
import { BUYER, openContract, SELLER } from "../../support/deal.ts";
import { KEY_FORMS, KeyHolder } from "../../support/key_holder.ts";
import { RestServer } from "../../support/rest.ts";
import { TestServer } from "../../support/server.ts";

const PATH = `/clients/${BUYER}/encryption_key`;

Deno.test("a client's key is registered, read, replaced and removed", async () => {
  await using rest = await RestServer.start({ DEFAULT_COUNTRY: "KE" });
  refused(await rest.ask("GET", PATH), 404, `Client ${BUYER} has no encryption key`);
  const kids: string[] = [];
  for (const form of KEY_FORMS) {
    const { jwk } = await KeyHolder.make(form);
    // Any spelling of the number is the same client.
    const { status, body } = await rest.ask("PUT", "/clients/0712345678/encryption_key", jwk);
    assertEquals(status, 200);
    const { registered_at, ...told } = body;
    const thumbprint = await calculateJwkThumbprint(jwk);
    assertEquals(told, {
      client_id: BUYER,
      kid: thumbprint,
      alg: form.alg,
      enc: "A256GCM",
      thumbprint,
    });
    assertEquals((await rest.ask("GET", PATH)).body, { ...told, registered_at });
    kids.push(body.kid);
  }
  assertEquals(new Set(kids).size, KEY_FORMS.length);
  const { jwk } = await KeyHolder.make();
  assertEquals((await rest.ask("PUT", PATH, { ...jwk, kid: "mine" })).body.kid, "mine");
  assertEquals((await rest.ask("DELETE", PATH)).status, 204);
  refused(await rest.ask("DELETE", PATH), 404, `Client ${BUYER} has no encryption key`);
});

Deno.test("a client's key is refused when it is weak, private, or not a point on its curve", async () => {
  await using rest = await RestServer.start();
  const { jwk } = await KeyHolder.make(KEY_FORMS[0]);
  assertEquals(faultyFields(await rest.ask("PUT", PATH, { ...jwk, alg: "ECDH-ES" })), ["alg"]);
  const secret = "A".repeat(43);
  const told = await rest.ask("PUT", PATH, { ...jwk, d: secret });
  assertEquals(faultyFields(told), ["d"]);
  assert(!told.text.includes(secret));
  const off = { ...jwk, y: jwk.x };
  refused(
    await rest.ask("PUT", PATH, off),
    422,
    "Cannot register the key: it cannot encrypt",
  );
  const { jwk: curve } = await KeyHolder.make();
  // A point of low order, whose shared secret is zero (RFC 7748, section 6.1).
  assertEquals((await rest.ask("PUT", PATH, { ...curve, x: "A".repeat(43) })).status, 422);
  assertEquals((await rest.ask("GET", PATH)).status, 404);
  assertEquals(
    (await rest.ask("PUT", `/clients/${"x".repeat(129)}/encryption_key`, jwk)).status,
    400,
  );
});

Deno.test("LIMIT_CLIENT_KEYS: one more client is refused, and an existing key can be replaced", async () => {
  await using rest = await RestServer.start({ LIMIT_CLIENT_KEYS: "2" });
  const { jwk } = await KeyHolder.make();
  const register = async (client: string) =>
    await rest.ask("PUT", `/clients/${client}/encryption_key`, jwk);
  assertEquals([(await register("a")).status, (await register("b")).status], [200, 200]);
  refused(await register("c"), 409, "Cannot register the key: 2 clients have one already");
  assertEquals((await register("b")).status, 200);
  assertEquals((await rest.ask("DELETE", "/clients/a/encryption_key")).status, 204);
  assertEquals((await register("c")).status, 200);
});

Deno.test("a client's inbox is encrypted as soon as its key is registered", async () => {
  await using server = await TestServer.start();
  const contract_id = await openContract(server);
  const before = await server.rest("GET", `/clients/${BUYER}/inbox`);
  const holder = await KeyHolder.make();
  const { kid } = await server.rest("PUT", PATH, holder.jwk);
  const sealed = await server.rest("GET", `/clients/${BUYER}/inbox?limit=1000`);
  assertEquals(Object.keys(sealed), ["events", "after"]);
  assertEquals(sealed.after, before.after);
  for (const event of sealed.events) assertEquals(Object.keys(event), ["id", "jwe"]);
  assert(!JSON.stringify(sealed).includes(contract_id));
  const opened = await Promise.all(
    sealed.events.map(({ jwe }: { jwe: string }) => holder.read(jwe, kid)),
  );
  assertEquals(opened, before.events);
  assertEquals(opened.map(({ id }) => id), sealed.events.map(({ id }: { id: number }) => id));
  // The other party has none.
  const { events } = await server.rest("GET", `/clients/${SELLER}/inbox`);
  assertEquals(events, before.events);
});

Deno.test("a client with a key gets its inbox in smaller pages, without a gap", async () => {
  await using server = await TestServer.start();
  for (let contract = 0; contract < 52; contract++) {
    const id = await openContract(server);
    await server.rest("PUT", `/contracts/${id}`, { status: "cancelled" });
  }
  const whole = await server.rest("GET", `/clients/${BUYER}/inbox?limit=1000`);
  assertEquals(whole.events.length, 104);
  const holder = await KeyHolder.make(KEY_FORMS[3]);
  await server.rest("PUT", PATH, holder.jwk);
  const first = await server.rest("GET", `/clients/${BUYER}/inbox?limit=1000`);
  assertEquals(first.events.length, 100);
  const second = await server.rest(
    "GET",
    `/clients/${BUYER}/inbox?limit=1000&after=${first.after}`,
  );
  const opened = [...first.events, ...second.events].map(({ jwe }) => holder.read(jwe));
  assertEquals(await Promise.all(opened), whole.events);
});

Deno.test("a client's event stream is encrypted, and the stream of all events is not", async () => {
  await using server = await TestServer.start();
  const holder = await KeyHolder.make();
  await server.rest("PUT", PATH, holder.jwk);
  const contract_id = await openContract(server);
  const first = async (query: string): Promise<[string, string]> => {
    const url = server.http(`/api/v1/events/stream?last_event_id=0&${query}`);
    const response = await within(fetch(url), () => `${url} is not answered`);
    let text = "";
    const parts = response.body!.pipeThrough(new TextDecoderStream());
    for await (const part of eachWithin(parts, () => text)) {
      text += part;
      if (/^data:.*[\r\n]/m.test(text)) break;
    }
    return [/^event:(.*)$/m.exec(text)![1]!.trim(), /^data:(.*)$/m.exec(text)![1]!];
  };
  const [type, data] = await first(`client=${encodeURIComponent(BUYER)}`);
  assertEquals(type, "encrypted");
  assert(!data.includes(contract_id));
  const { id, jwe } = JSON.parse(data);
  const opened = await holder.read(jwe);
  assertEquals([opened.id, opened.type, opened.contract_id], [id, "contract_created", contract_id]);
  const [clear, all] = await first(`contract=${contract_id}`);
  assertEquals([clear, JSON.parse(all).contract_id], ["contract_created", contract_id]);
});

Deno.test("a client's event stream has past and new events encrypted, once and in order", async () => {
  await using server = await TestServer.start();
  const holder = await KeyHolder.make();
  const open = () => openContract(server);
  const ids: string[] = [];
  for (let at = 0; at < 60; at++) ids.push(await open(), await open());
  await server.rest("PUT", PATH, holder.jwk);
  const url = server.http(
    `/api/v1/events/stream?last_event_id=0&client=${encodeURIComponent(BUYER)}`,
  );
  const response = await within(fetch(url), () => `${url} is not answered`);
  ids.push(await open());
  const told: string[] = [];
  let text = "";
  for await (
    const part of eachWithin(response.body!.pipeThrough(new TextDecoderStream()), () => text)
  ) {
    const messages = (text + part).split("\n\n");
    text = messages.pop()!;
    for (const message of messages) {
      const [, data] = /^event:encrypted\ndata:(.*)\nid:/.exec(message) ?? [];
      if (data === undefined) assertEquals(message, ":");
      else told.push((await holder.read(JSON.parse(data).jwe)).contract_id);
    }
    if (told.length === 122) break;
    // Everything missed has come: the last one is live.
    if (told.length === ids.length) ids.push(await open());
  }
  assertEquals(told, ids);
});

Deno.test("a client's key survives a restart, and each change of it is in the audit trail", async () => {
  await using file = await databaseFile();
  const settings = { DATABASE_URL: `sqlite:${file.path}` };
  const holder = await KeyHolder.make();
  const other = await KeyHolder.make();
  {
    await using server = await TestServer.start({ settings });
    await server.rest("PUT", PATH, holder.jwk);
  }
  {
    await using server = await TestServer.start({ settings });
    await openContract(server);
    const { events: [{ jwe }] } = await server.rest("GET", `/clients/${BUYER}/inbox`);
    assertEquals((await holder.read(jwe)).type, "contract_created");
    const { kid } = await server.rest("PUT", PATH, other.jwk);
    const { events: [again] } = await server.rest("GET", `/clients/${BUYER}/inbox`);
    assertEquals((await other.read(again.jwe, kid)).type, "contract_created");
    assertNotEquals(again.jwe, jwe);
    await within(
      fetch(server.http(`/api/v1${PATH}`), { method: "DELETE" }),
      () => "the key is not removed",
    );
    const { events: [clear] } = await server.rest("GET", `/clients/${BUYER}/inbox`);
    assertEquals(clear.type, "contract_created");
  }
  const database = new Database(file.path, { readOnly: true });
  try {
    const rows = database.all("SELECT action, subject FROM audit WHERE action LIKE 'client_key%'");
    assertEquals(
      rows.map(({ action, subject }) => [action, subject]),
      ["registered", "replaced", "removed"].map((done) => [
        `client_key_${done}`,
        `key of client ${BUYER}`,
      ]),
    );
    assertEquals(verifyAudit(database).fault, undefined);
    assertEquals(database.all("SELECT * FROM client_keys"), []);
  } finally {
    database.close();
  }
});
