import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { LOCAL } from "../../access/holder.ts";
import type { KeyTerms } from "../../access/managed_keys.ts";
import { accessWith, holder, KeysInMemory } from "../support/access.ts";

const TERMS: KeyTerms = { name: "crm", scopes: ["all"], bounds: undefined, lastsMs: null };

Deno.test("Access is open when there are no keys, and accepts `dev` as one", async () => {
  const access = await accessWith([]);
  assert(access.isOpen);
  assertEquals(await access.identify([]), LOCAL);
  assert(await access.identify(["anything"]) === LOCAL);
  const dev = await access.identify(["dev"]);
  assert(dev !== LOCAL && dev?.id === LOCAL.id);
});

Deno.test("Access is closed by a key in the settings or in the store, even a revoked one", async () => {
  const access = await accessWith(["sesame"]);
  assert(!access.isOpen);
  assertEquals([await access.identify([]), await access.identify(["dev"])], [undefined, undefined]);
  assertEquals((await access.identify(["wrong", "sesame"]))?.name, "API_KEYS");
  const store = new KeysInMemory();
  const managed = await accessWith([], { store });
  const { key } = await managed.keys.create(TERMS, "operator");
  await managed.keys.revoke(key.id, "operator", undefined);
  for (const access of [managed, await accessWith([], { store })]) {
    assert(!access.isOpen);
    assertEquals(await access.identify(["dev"]), undefined);
  }
});

Deno.test("Access identifies each key of the settings by an id that does not contain it", async () => {
  const access = await accessWith(["alice-secret", "bob-secret"]);
  const [alice, bob] = [
    await access.identify(["alice-secret"]),
    await access.identify(["bob-secret"]),
  ];
  assertNotEquals(alice!.id, bob!.id);
  assert(!JSON.stringify([alice, bob]).includes("secret"));
  // In whatever order they are written.
  const turned = await accessWith(["bob-secret", "alice-secret"]);
  assertEquals((await turned.identify(["alice-secret"]))!.id, alice!.id);
});

Deno.test("Access ends the sessions of a key when it ends, once, and no others", async () => {
  const clock = { nowMs: 0 };
  const access = await accessWith(["root"], { now: () => new Date(clock.nowMs) });
  const revoked = await access.keys.create(TERMS, "operator");
  const expired = await access.keys.create({ ...TERMS, lastsMs: 1000 }, "operator");
  const token = holder({ id: "jwt:ann", expiresAt: new Date(2000) });
  const ended: string[] = [];
  const stay = (name: string, of: typeof LOCAL) => access.stay(of, () => void ended.push(name));
  stay("revoked", access.keys.find(revoked.text)!);
  stay("expired", access.keys.find(expired.text)!);
  stay("token", token);
  stay("root", (await access.identify(["root"]))!);
  stay("gone", token)[Symbol.dispose]();
  access.sweep();
  assertEquals(ended, []);
  await access.keys.revoke(revoked.key.id, "operator", undefined);
  access.sweep();
  assertEquals(ended, ["revoked"]);
  clock.nowMs = 1000;
  access.sweep();
  assertEquals(ended, ["revoked", "expired"]);
  clock.nowMs = 2000;
  access.sweep();
  access.sweep();
  assertEquals(ended, ["revoked", "expired", "token"]);
  // It ended between the request and the stay.
  stay("late", token);
  assertEquals(ended.at(-1), "late");
});

Deno.test("Access creates audio passwords for every kind of holder, and knows whose call it is", async () => {
  const access = await accessWith(["root"]);
  const { key, text } = await access.keys.create(
    { ...TERMS, scopes: ["line:jambonz"] },
    "operator",
  );
  const holders = [
    (await access.identify(["root"]))!,
    access.keys.find(text)!,
    holder({ id: "jwt:ann", expiresAt: new Date(Date.now() + 60_000) }),
  ];
  const callId = crypto.randomUUID();
  for (const of of holders) {
    const password = access.audioPassword(callId, of)!;
    assertEquals(password.length, 44);
    const read = access.readAudioPassword(password);
    assertEquals([read?.callId, read?.holder.id], [callId, of.id]);
    const last = password.endsWith("A") ? "Q" : "A";
    assertEquals(access.readAudioPassword(password.slice(0, -1) + last), undefined);
  }
  assertEquals(access.audioPassword(callId, LOCAL), undefined);
  const password = access.audioPassword(callId, holders[1]!)!;
  await access.keys.revoke(key.id, "operator", undefined);
  assertEquals(access.readAudioPassword(password), undefined);
});
