/** Messages as JWEs, and their order. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import type { ClientKey } from "../../encryption/client_key.ts";
import { PublicKey } from "../../encryption/public_key.ts";
import { seal } from "../../encryption/seal.ts";
import { Sealer } from "../../encryption/sealer.ts";
import { SealQueue } from "../../encryption/seal_queue.ts";
import { within } from "../support/arrivals.ts";
import { KEY_FORMS, KeyHolder } from "../support/key_holder.ts";

const CLIENT = "+254712345678";

function keyOf(holder: KeyHolder, clientId = CLIENT): ClientKey {
  const jwk = { ...PublicKey.parse(holder.jwk), kid: "k1" };
  return { clientId, jwk, thumbprint: "t", registeredAt: new Date(0) };
}

Deno.test("seal() creates a JWE that only the holder of the private key can read", async () => {
  const message = { type: "contract_update", status: "completed", name: "Wanjirũ 🌽" };
  for (const form of KEY_FORMS) {
    const holder = await KeyHolder.make(form);
    const jwe = await seal(keyOf(holder), message);
    assertEquals(await holder.read(jwe, "k1"), message);
    const stranger = await KeyHolder.make(form);
    let thrown: unknown;
    await stranger.read(jwe).catch((error) => thrown = error);
    assert(thrown instanceof Error);
  }
});

Deno.test("seal() uses each content key once", async () => {
  const key = keyOf(await KeyHolder.make());
  const parts = async () => (await seal(key, { a: 1 })).split(".");
  const [first, second] = [await parts(), await parts()];
  assertEquals(first.length, 5);
  for (const part of [1, 2, 3, 4]) assertNotEquals(first[part], second[part]);
});

Deno.test("seal() hides the status: all lengths are equal", async () => {
  const key = keyOf(await KeyHolder.make());
  const lengths = await Promise.all(
    ["active", "completed", "not_found", "é"].map(async (status) =>
      (await seal(key, { type: "contract_update", status })).length
    ),
  );
  assertEquals(new Set(lengths).size, 1);
  const long = await seal(key, { text: "x".repeat(1000) });
  assert(long.length > lengths[0]!);
});

Deno.test("Sealer encrypts in a thread that starts with the first message", async () => {
  const holder = await KeyHolder.make();
  const key = keyOf(holder);
  const sealer = new Sealer();
  const texts = ["one", "two", "three"];
  const sealing = Promise.all(texts.map((text) => sealer.seal(key, { text })));
  const jwes = await within(sealing, () => "nothing is encrypted");
  for (const [at, jwe] of jwes.entries()) assertEquals(await holder.read(jwe), { text: texts[at] });
  const broken = { ...key, jwk: { ...key.jwk, x: "A".repeat(43) } } as ClientKey;
  assertMatch(await failureOf(sealer.seal(broken, {})), /^Cannot encrypt a message: /);
  assertEquals(await holder.read(await sealer.seal(key, { text: "four" })), { text: "four" });
  const late = failureOf(sealer.seal(key, {}));
  sealer.close();
  assertEquals(await late, "Cannot encrypt a message: the server has stopped");
  assertEquals(
    await failureOf(sealer.seal(key, {})),
    "Cannot encrypt a message: the server has stopped",
  );
});

async function failureOf(sealing: Promise<string>): Promise<string> {
  const settled = sealing.then(() => "encrypted", (error: Error) => error.message);
  return await within(settled, () => "it neither fails nor ends");
}

Deno.test("SealQueue delivers messages in order, however long each takes to encrypt", async () => {
  const slow = keyOf(await KeyHolder.make(KEY_FORMS[1]), "slow");
  const quick = keyOf(await KeyHolder.make(KEY_FORMS[3]), "quick");
  const told: number[] = [];
  const queue = new SealQueue(seal);
  for (let at = 0; at < 40; at++) {
    const key = [slow, quick, undefined][at % 3];
    const clientId = key?.clientId ?? "slow";
    const tell = (jwe: string | undefined) => {
      assertEquals(jwe === undefined, key === undefined);
      told.push(at);
    };
    assert(queue.push({ clientId, key, message: { at }, tell, fail: rethrow }));
  }
  assert(queue.holds("slow") && queue.holds("quick") && !queue.holds("nobody"));
  await within(queue.settled, () => `told ${told}`);
  assertEquals(told, Array.from({ length: 40 }, (_, at) => at));
  assert(!queue.holds("slow") && !queue.holds("quick"));
});

Deno.test("SealQueue refuses messages over its limit, and reports encryption failures", async () => {
  const key = keyOf(await KeyHolder.make());
  const broken = { ...key, jwk: { ...key.jwk, x: "A".repeat(43) } } as ClientKey;
  const queue = new SealQueue(seal, 2);
  const outcomes: string[] = [];
  const push = (name: string, key: ClientKey) =>
    queue.push({
      clientId: CLIENT,
      key,
      message: {},
      tell: () => outcomes.push(`${name} told`),
      fail: () => outcomes.push(`${name} failed`),
    });
  assertEquals([push("a", broken), push("b", key), push("c", key)], [true, true, false]);
  await within(queue.settled, () => `${outcomes}`);
  assertEquals(outcomes, ["a failed", "b told"]);
  assert(push("d", key));
  await within(queue.settled, () => `${outcomes}`);
  assertEquals(outcomes.at(-1), "d told");
});

function rethrow(error: unknown): void {
  throw error;
}
