import { assert, assertEquals, assertRejects } from "@std/assert";
import { KeyConflict, type KeyTerms, ManagedKeys, NoSuchKey } from "../../access/managed_keys.ts";
import { hashOf, newKeyText } from "../../access/key_text.ts";
import { KeysInMemory } from "../support/access.ts";

const TERMS: KeyTerms = { name: "crm", scopes: ["calls:read"], bounds: undefined, lastsMs: null };

async function openKeys() {
  const clock = { nowMs: Date.parse("2026-11-21T08:00:00Z") };
  const store = new KeysInMemory();
  const now = () => new Date(clock.nowMs);
  return { clock, store, now, keys: await ManagedKeys.open(store, now) };
}

Deno.test("ManagedKeys finds the holder of a key, and nobody for any other text", async () => {
  const { keys } = await openKeys();
  const { key, text } = await keys.create(TERMS, "operator");
  const holder = keys.find(text);
  assertEquals([holder?.id, holder?.name], [key.id, "crm"]);
  assertEquals(holder?.scopes, new Set(["calls:read"] as const));
  // Another key with the same id: only the hash distinguishes them.
  for (const wrong of ["", "dev", newKeyText(key.id), newKeyText("0123456789"), key.id]) {
    assertEquals(keys.find(wrong), undefined);
  }
});

Deno.test("ManagedKeys stores the hash of a key, and never its text", async () => {
  const { keys, store } = await openKeys();
  const { key, text } = await keys.create(TERMS, "operator");
  assertEquals(new Uint8Array(store.keys.get(key.id)!.hash), new Uint8Array(hashOf(text)));
  assert(!Deno.inspect([...store.keys.values()], { depth: 9 }).includes(text.slice(15)));
});

Deno.test("ManagedKeys finds a key after a restart, until it is revoked or expires", async () => {
  const { keys, store, now, clock } = await openKeys();
  const lasting = await keys.create(TERMS, "operator");
  const short = await keys.create({ ...TERMS, lastsMs: 1000 }, "operator");
  const again = await ManagedKeys.open(store, now);
  assert(again.find(lasting.text) && again.find(short.text));
  clock.nowMs += 999;
  assert(again.find(short.text));
  clock.nowMs += 1;
  assertEquals(again.find(short.text), undefined);
  await again.revoke(lasting.key.id, "operator", undefined);
  assertEquals(again.find(lasting.text), undefined);
  assertEquals((await ManagedKeys.open(store, now)).find(lasting.text), undefined);
  assertEquals(again.size, 2);
});

Deno.test("ManagedKeys records the last use, with one write for many uses", async () => {
  const { keys, store, clock, now } = await openKeys();
  const { key, text } = await keys.create(TERMS, "operator");
  assertEquals(keys.list(undefined)[0]!.lastUsedAt, null);
  for (let use = 0; use < 1000; use++) {
    clock.nowMs += 10;
    keys.find(text);
  }
  assertEquals(store.noted, 0);
  const used = new Date("2026-11-21T08:00:00.010Z");
  assertEquals(keys.list(undefined)[0]!.lastUsedAt, used);
  await keys.noteUses();
  await keys.noteUses();
  assertEquals([store.noted, store.keys.get(key.id)!.lastUsedAt], [1, used]);
  clock.nowMs += 60_000;
  keys.find(text);
  await keys.noteUses();
  assertEquals(store.noted, 2);
  assertEquals((await ManagedKeys.open(store, now)).list(undefined)[0]!.lastUsedAt, now());
});

Deno.test("ManagedKeys keeps a use that arrives while others are being written", async () => {
  const { keys, clock, store } = await openKeys();
  const { key, text } = await keys.create(TERMS, "operator");
  keys.find(text);
  const noting = keys.noteUses();
  clock.nowMs += 60_000;
  keys.find(text);
  await noting;
  await keys.noteUses();
  assertEquals(store.keys.get(key.id)!.lastUsedAt, new Date(clock.nowMs));
});

Deno.test("ManagedKeys creates one key per operation, and shows it once", async () => {
  const { keys } = await openKeys();
  await keys.create(TERMS, "operator", "operation 1");
  await assertRejects(() => keys.create(TERMS, "operator", "operation 1"), KeyConflict);
  await keys.create(TERMS, "operator", "operation 2");
  assertEquals(keys.size, 2);
});

Deno.test("ManagedKeys lists and revokes within bounds only", async () => {
  const { keys } = await openKeys();
  const bounds = { clients: ["+254712345678"], numbers: ["5000"] };
  const inner = { clients: [], numbers: ["5000"] };
  const free = await keys.create(TERMS, "operator");
  const bound = await keys.create({ ...TERMS, bounds: inner }, "operator");
  assertEquals(keys.list(undefined).map(({ id }) => id), [bound.key.id, free.key.id]);
  assertEquals(keys.list(bounds).map(({ id }) => id), [bound.key.id]);
  for (const id of [free.key.id, "none"]) {
    const error = await assertRejects(() => keys.revoke(id, "operator", bounds), NoSuchKey);
    assertEquals(error.message, `No key has the id ${id}`);
  }
  await keys.revoke(bound.key.id, "operator", bounds);
  await keys.revoke(bound.key.id, "operator", bounds);
  assert(keys.find(free.text));
});
