import { assertEquals } from "@std/assert";
import { Database } from "../../store/sqlite/database.ts";
import { migrate } from "../../store/sqlite/schema/migrate.ts";
import { MEMORY, openSqlite } from "../../store/sqlite/open.ts";
import { IdempotentAnswers, KEY_HOURS } from "../../http/idempotency.ts";
import type { Visit } from "../../http/route.ts";
import { startPeriodicJobs } from "../../server/periodic_jobs.ts";
import { databaseFile } from "../support/database_file.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { RestServer } from "../support/rest.ts";

const HOUR_MS = 3_600_000;
const BODY = new TextEncoder().encode("{}");

/** Answers on a store in memory, at a time that the test sets. */
async function repeating() {
  const store = await openSqlite(MEMORY);
  const clock = { hours: 0 };
  const repeats = new IdempotentAnswers(store.requests, () => new Date(clock.hours * HOUR_MS));
  let done = 0;
  const url = new URL("http://127.0.0.1/api/v1/contracts/create");
  const visit = {
    request: new Request(url, { method: "POST" }),
    url,
    params: {},
    requestId: "r",
    key: undefined,
  } as unknown as Visit;
  /** Answers with the number of runs. */
  const ask = async (key: string, first?: Promise<void>) => {
    const response = await repeats.answer(key, visit, BODY, async () => {
      const count = ++done;
      await first;
      return new Response(String(count));
    });
    return Number(await response.text());
  };
  return { repeats, clock, ask, [Symbol.asyncDispose]: () => store.close() };
}

Deno.test("an idempotency key is stored for its lifetime, and then forgotten", async () => {
  await using asking = await repeating();
  const { repeats, clock, ask } = asking;
  assertEquals(await ask("k"), 1);
  clock.hours = KEY_HOURS;
  await repeats.forget();
  assertEquals(await ask("k"), 1);
  clock.hours = KEY_HOURS + 0.001;
  await repeats.forget();
  assertEquals(await ask("k"), 2);
});

Deno.test("an idempotency key is not forgotten while its request runs", async () => {
  await using asking = await repeating();
  const { repeats, clock, ask } = asking;
  const { promise, resolve } = Promise.withResolvers<void>();
  assertEquals(await ask("old"), 1);
  clock.hours = 1;
  const slow = ask("slow", promise);
  // It still runs when the next one is done.
  assertEquals(await ask("next"), 3);
  clock.hours = 1 + 2 * KEY_HOURS;
  await repeats.forget();
  resolve();
  assertEquals(await slow, 2);
  assertEquals(await ask("slow"), 2);
  assertEquals(await ask("old"), 4);
  await repeats.forget();
  assertEquals(await ask("slow"), 5);
});

Deno.test("all expired idempotency keys are forgotten, however many", async () => {
  await using asking = await repeating();
  const { repeats, clock, ask } = asking;
  for (let at = 0; at < 1100; at++) await ask(`${at}`);
  clock.hours = KEY_HOURS + 1;
  await repeats.forget();
  for (const key of ["0", "500", "1000", "1099"]) assertEquals(await ask(key) > 1100, true, key);
});

Deno.test("a server forgets expired idempotency keys when it starts", async () => {
  await using file = await databaseFile();
  const database = new Database(file.path);
  migrate(database);
  for (const [key, hours] of [["old", KEY_HOURS + 1], ["young", KEY_HOURS - 1]] as const) {
    database.run(
      "INSERT INTO requests (key, fingerprint, operation, at, answer) VALUES (?, 'p', 'o', ?, '{}')",
      key,
      Date.now() - hours * HOUR_MS,
    );
  }
  database.close();
  const rest = await RestServer.start({ DATABASE_URL: file.url });
  await rest.stop();
  const after = new Database(file.path, { readOnly: true });
  assertEquals(after.all("SELECT key FROM requests").map(({ key }) => key), ["young"]);
  after.close();
});

Deno.test("a server forgets expired idempotency keys and tickets periodically", () => {
  using time = new FakeClock();
  const done = { forget: 0, tickets: 0, expire: 0, sweep: 0, disable: 0, note: 0 };
  const count = (what: keyof typeof done) => () => {
    done[what]++;
    return Promise.resolve();
  };
  const contracts = { expireOverdue: count("expire") };
  const tickets = { forget: count("tickets") };
  const access = { sweep: count("sweep"), keys: { noteUses: count("note") } };
  const webhooks = { disableEnded: count("disable") };
  const parts = { access, contracts, tickets, webhooks, failed: () => {} } as unknown as Parameters<
    typeof startPeriodicJobs
  >[0];
  const repeats = { forget: count("forget") } as unknown as IdempotentAnswers;
  {
    using _upkeep = startPeriodicJobs(parts, repeats);
    time.advance(24 * HOUR_MS);
  }
  const [minutes, sweeps] = [24 * 60, 1 + 24 * 60 * 30];
  assertEquals(done, {
    forget: 1 + 24 * 6,
    tickets: 1 + minutes,
    expire: minutes,
    sweep: sweeps,
    disable: sweeps,
    note: minutes,
  });
  assertEquals(time.running, 0);
});
