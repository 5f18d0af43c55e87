/**
 * The requirements for every store: keys.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { KeyRecord } from "../../access/store.ts";
import { later, type OpenStore, START } from "./store_samples.ts";

/** Declares the tests. */
export function keySuite(name: string, open: OpenStore): void {
  const test = (what: string, run: (opened: Awaited<ReturnType<OpenStore>>) => Promise<void>) =>
    Deno.test(`${what} (${name})`, async () => {
      await using opened = await open();
      await run(opened);
    });

  const by = { actor: "operator", at: START };
  const key = (id: string, differs: Partial<KeyRecord> = {}): KeyRecord => ({
    id,
    name: "crm",
    hash: new Uint8Array(32).fill(7),
    scopes: ["calls:read", "webhooks"],
    bounds: undefined,
    createdAt: START,
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    ...differs,
  });
  const plain = (record: KeyRecord) => ({ ...record, hash: new Uint8Array(record.hash) });

  test("keyStore.all() returns keys as they were created, newest first", async ({ store }) => {
    const { keys } = store;
    const bounds = { clients: ["+254712345678"], numbers: [] };
    const first = key("a", { bounds, expiresAt: later(60) });
    const second = key("b", { createdAt: later(1) });
    assert(await keys.create(first, by));
    assert(await keys.create(second, by));
    assertEquals((await keys.all()).map(plain), [second, first]);
  });

  test("keyStore.create() changes no existing key", async ({ store: { keys } }) => {
    assert(await keys.create(key("a"), by));
    assertEquals(await keys.create(key("a", { name: "other", scopes: ["all"] }), by), false);
    assertEquals((await keys.all()).map(({ name }) => name), ["crm"]);
  });

  test("keyStore.revoke() keeps the key, and the first revocation time", async ({ store: { keys } }) => {
    await keys.create(key("a"), by);
    await keys.revoke("a", { ...by, at: later(1) });
    await keys.revoke("a", { ...by, at: later(2) });
    await keys.revoke("none", by);
    assertEquals((await keys.all()).map(({ revokedAt }) => revokedAt), [later(1)]);
  });

  test("keyStore.used() stores the last use of each key", async ({ store: { keys } }) => {
    await keys.create(key("a"), by);
    await keys.create(key("b", { createdAt: later(1) }), by);
    await keys.used([{ id: "a", at: later(5) }, { id: "b", at: later(6) }, {
      id: "none",
      at: START,
    }]);
    assertEquals((await keys.all()).map(({ lastUsedAt }) => lastUsedAt), [later(6), later(5)]);
  });
}
