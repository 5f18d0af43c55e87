/** The keys of an identity provider: fetched when they are needed, rotated, and kept in an outage. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Jwks, JwksUnavailable } from "../../access/jwks.ts";
import { Tokens } from "../../access/tokens.ts";
import { Arrivals, found } from "../support/arrivals.ts";
import {
  AUDIENCE,
  claims,
  IdentityProvider,
  ISSUER,
  type Pair,
  pairOf,
  sign,
} from "../support/identity_provider.ts";

const MINUTE_MS = 60_000;

function setUp(...pairs: Pair[]) {
  const clock = { nowMs: Date.parse("2026-11-21T08:00:00Z") };
  const now = () => new Date(clock.nowMs);
  const provider = new IdentityProvider(...pairs);
  const reports = new Arrivals<unknown>();
  const jwks = new Jwks({
    url: new URL(provider.url),
    now,
    report: (message, fields) => reports.push([message, fields]),
  });
  const algorithms = ["ES256"];
  const tokens = new Tokens({
    keys: jwks,
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms,
    now,
    country: undefined,
  });
  const isTaken = async (pair: Pair) =>
    await tokens.find(await sign(pair, claims(clock.nowMs))) !== undefined;
  return { clock, provider, reports, tokens, isTaken };
}

Deno.test("Jwks fetches the keys once, when the first token arrives", async () => {
  const pair = await pairOf("k1");
  const { provider, isTaken } = setUp(pair);
  await using _provider = provider;
  assertEquals(provider.fetched, 0);
  const taken = await Promise.all([isTaken(pair), isTaken(pair), isTaken(pair)]);
  assertEquals(taken, [true, true, true]);
  assert(await isTaken(pair));
  assertEquals(provider.fetched, 1);
});

Deno.test("Jwks refuses a kid that the provider does not have, and refetches at most every 30 s", async () => {
  const [known, stranger] = [await pairOf("k1"), await pairOf("k2")];
  const { clock, provider, isTaken } = setUp(known);
  await using _provider = provider;
  assert(await isTaken(known));
  for (let guess = 0; guess < 20; guess++) assert(!await isTaken(stranger));
  assertEquals(provider.fetched, 1);
  clock.nowMs += MINUTE_MS / 2;
  for (let guess = 0; guess < 20; guess++) assert(!await isTaken(stranger));
  assertEquals(provider.fetched, 2);
  // The name of the key is not the key.
  assert(!await isTaken({ ...stranger, kid: "k1" }));
});

Deno.test("Jwks learns a new key from its first token, and forgets a withdrawn one", async () => {
  const [first, second] = [await pairOf("k1"), await pairOf("k2")];
  const { clock, provider, isTaken } = setUp(first);
  await using _provider = provider;
  assert(await isTaken(first));
  provider.pairs = [first, second];
  clock.nowMs += MINUTE_MS;
  assert(await isTaken(second));
  assert(await isTaken(first));
  provider.pairs = [second];
  clock.nowMs += 11 * MINUTE_MS;
  // The fetch does not hold up the token that causes it.
  await found(
    async () => await isTaken(first) ? undefined : true,
    () => "the withdrawn key is still accepted",
  );
  assert(await isTaken(second));
});

Deno.test("Jwks keeps using the known keys while the provider is down, without delay", async () => {
  const pair = await pairOf("k1");
  const { clock, provider, reports, isTaken } = setUp(pair);
  await using _provider = provider;
  assert(await isTaken(pair));
  provider.isDown = true;
  for (let minutes = 0; minutes < 120; minutes += 20) {
    clock.nowMs += 20 * MINUTE_MS;
    assert(await isTaken(pair));
    await reports.count(minutes / 20 + 1);
  }
});

Deno.test("Jwks throws while the provider has never answered: 503, not 401", async () => {
  const pair = await pairOf("k1");
  const { clock, provider, tokens, isTaken } = setUp(pair);
  await using _provider = provider;
  provider.isDown = true;
  const token = await sign(pair, claims(clock.nowMs));
  await assertRejects(() => tokens.find(token), JwksUnavailable);
  provider.isDown = false;
  await assertRejects(() => tokens.find(token), JwksUnavailable);
  assertEquals(provider.fetched, 1);
  clock.nowMs += MINUTE_MS / 2;
  assert(await isTaken(pair));
});
