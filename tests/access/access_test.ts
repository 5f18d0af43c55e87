import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { LOCAL } from "../../access/holder.ts";
import type { KeyTerms } from "../../access/managed_keys.ts";
import type { Tokens } from "../../access/tokens.ts";
import { accessWith, holder, KeysInMemory } from "../support/access.ts";

const TERMS: KeyTerms = { name: "crm", scopes: ["all"], bounds: undefined, lastsMs: null };

Deno.test("Access is open without any key, and `dev` is a key there", async () => {
  const access = await accessWith([]);
  assert(access.isOpen);
  assertEquals(await access.identify([]), LOCAL);
  assert(await access.identify(["anything"]) === LOCAL);
  const dev = await access.identify(["dev"]);
  assert(dev !== LOCAL && dev?.id === LOCAL.id);
});

Deno.test("Access is closed by a key of the settings, and by one in the store, also a revoked one", async () => {
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

Deno.test("Access names each key of the settings by an id that does not contain it", async () => {
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

Deno.test("Access ends stays when their keys end, once, and no others", async () => {
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

Deno.test("Access knows the calls of two tokens of one subject apart, by what they may do", async () => {
  const access = await accessWith(["root"]);
  const expiresAt = new Date(Date.now() + 60_000);
  const ann = holder({ id: "jwt:ann", expiresAt });
  const bound = { ...ann, bounds: { clients: [], numbers: ["5000"] } };
  const callId = crypto.randomUUID();
  const passwords = [ann, bound].map((of) => access.audioPassword(callId, of)!);
  const read = passwords.map((password) => access.readAudioPassword(password)?.holder.bounds);
  assertEquals(read, [undefined, bound.bounds]);
  // A newer token of the same lets the call go on for longer.
  const newer = { ...ann, expiresAt: new Date(expiresAt.getTime() + 60_000) };
  assertEquals(access.audioPassword(callId, newer), passwords[0]);
  assertEquals(access.readAudioPassword(passwords[0]!)?.holder.expiresAt, newer.expiresAt);
});

Deno.test("Access says when the owner of something stored is over: key, token or setting", async () => {
  const clock = { nowMs: 0 };
  const now = () => new Date(clock.nowMs);
  const tokens = { issuer: "https://id.example.com/" } as Tokens;
  const access = await accessWith(["root"], { now, tokens });
  const { key } = await access.keys.create({ ...TERMS, lastsMs: 1000 }, "operator");
  const root = (await access.identify(["root"]))!;
  const ann = { id: "jwt:ann", issuer: tokens.issuer, expiresAt: new Date(1000) };
  const ended = (...owners: { id: string }[]) => owners.map((owner) => access.hasEnded(owner));
  assertEquals(ended(root, key, ann), [false, false, false]);
  assertEquals(ended({ id: "env-00000000" }, { ...ann, issuer: "https://old/" } as typeof ann), [
    true,
    true,
  ]);
  // Stored before the ends of tokens were.
  assertEquals(ended({ id: "jwt:ann" }), [true]);
  clock.nowMs = 1000;
  assertEquals(ended(root, key, ann), [false, true, true]);
  assertEquals((await accessWith(["root"])).hasEnded({ ...ann, expiresAt: null }), true);
});

Deno.test("Access makes audio passwords for every kind of holder, and knows who brought the call", async () => {
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
