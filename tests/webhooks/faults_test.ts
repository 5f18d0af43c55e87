/** Failed reads and writes are retried after a pause, and reported once. */
import { assertEquals } from "@std/assert";
import type { EventLog, StoredEvent } from "../../events/event_log.ts";
import { Tail } from "../../events/tail.ts";
import { Dispatcher } from "../../webhooks/dispatcher.ts";
import { Outbox } from "../../webhooks/outbox.ts";
import { WakeLoop } from "../../webhooks/wake_loop.ts";
import type { WebhookStore } from "../../webhooks/store.ts";
import { AllowedTargets } from "../../webhooks/targets.ts";
import type { Delivery, Webhook } from "../../webhooks/webhook.ts";
import { within } from "../support/arrivals.ts";
import { FakeClock } from "../support/fake_clock.ts";

const RETRY_MS = 5000;
const BROKEN = new Error("disk I/O error");
const AT = new Date(0);
const now = () => AT;

const WEBHOOK: Webhook = {
  id: "wh_1",
  url: "http://127.0.0.1/",
  types: ["note"],
  description: null,
  enabled: true,
  createdAt: AT,
  changedAt: AT,
  disabledBecause: null,
};

const DELIVERY: Delivery = {
  id: "msg_1_1",
  webhookId: WEBHOOK.id,
  eventId: 1,
  type: "note",
  state: "waiting",
  createdAt: AT,
  dueAt: AT,
  round: 0,
  failures: 0,
  attempts: [],
};

/** Runs everything that waits for no timer. */
async function quiet(): Promise<void> {
  for (let turns = 0; turns < 100; turns++) await undefined;
}

Deno.test("WakeLoop reports the first failure after each success", async () => {
  using time = new FakeClock();
  let broken = true;
  let worked = 0;
  const failures: unknown[] = [];
  const rounds = new WakeLoop({
    work: () => broken ? Promise.reject(BROKEN) : Promise.resolve(void worked++),
    failed: (error) => failures.push(error),
    retryMs: RETRY_MS,
  });
  const pass = async (times: number) => {
    for (let time_ = 0; time_ < times; time_++) {
      time.advance(RETRY_MS);
      await quiet();
    }
  };
  rounds.wake();
  await quiet();
  await pass(10);
  assertEquals([failures, worked], [[BROKEN], 0]);
  broken = false;
  await pass(2);
  assertEquals([failures, worked], [[BROKEN], 1]);
  broken = true;
  rounds.wake();
  await quiet();
  await pass(3);
  assertEquals(failures, [BROKEN, BROKEN]);
  await rounds.stop();
  assertEquals(time.running, 0);
});

/** A dispatcher whose attempts cannot reach anyone. */
function aDispatcher(store: WebhookStore, failures: unknown[]): Dispatcher {
  return new Dispatcher({
    store,
    events: {} as EventLog,
    client: {
      allowed: new AllowedTargets([]),
      resolve: () => Promise.resolve([]),
      timeoutMs: 1000,
    },
    now,
    delaysMs: [],
    chance: () => 0,
    report: () => {},
    ownerHasEnded: ({ id }) => id === "jwt:gone",
    failed: (error) => failures.push(error),
    retryMs: RETRY_MS,
  });
}

Deno.test("Dispatcher reports once that the outcome of an attempt cannot be written", async () => {
  using time = new FakeClock();
  let tries = 0;
  const failures: unknown[] = [];
  const store = {
    webhooks: () => Promise.resolve([WEBHOOK]),
    waiting: () => Promise.resolve(tries > 3 ? [] : [DELIVERY]),
    secret: () => Promise.resolve("whsec_none"),
    attempted: () => ++tries > 3 ? Promise.resolve() : Promise.reject(BROKEN),
  } as unknown as WebhookStore;
  const dispatcher = aDispatcher(store, failures);
  dispatcher.wake();
  await quiet();
  for (let times = 1; times <= 3; times++) {
    assertEquals([tries, failures], [times, [BROKEN]]);
    time.advance(RETRY_MS);
    await quiet();
  }
  assertEquals([tries, failures], [4, [BROKEN]]);
  await dispatcher.stop();
  assertEquals(time.running, 0);
});

Deno.test("Dispatcher sends nothing to a webhook whose owner's key or token is over", async () => {
  using time = new FakeClock();
  const asked: string[] = [];
  const owned = (id: string) => ({ ...WEBHOOK, id: `wh of ${id}`, owner: { id } });
  const store = {
    webhooks: () => Promise.resolve([owned("jwt:gone"), owned("jwt:ann")]),
    waiting(id: string) {
      asked.push(id);
      return Promise.resolve([]);
    },
  } as unknown as WebhookStore;
  const dispatcher = aDispatcher(store, []);
  dispatcher.wake();
  await quiet();
  assertEquals(asked, ["wh of jwt:ann"]);
  await dispatcher.stop();
  assertEquals(time.running, 0);
});

Deno.test("Dispatcher.stop() does not wait for a pause that would begin now", async () => {
  using time = new FakeClock();
  const secret = Promise.withResolvers<string>();
  const store = {
    webhooks: () => Promise.resolve([WEBHOOK]),
    waiting: () => Promise.resolve([DELIVERY]),
    secret: () => secret.promise,
  } as unknown as WebhookStore;
  const dispatcher = aDispatcher(store, []);
  dispatcher.wake();
  await quiet();
  const stopped = dispatcher.stop();
  secret.reject(BROKEN);
  await within(stopped, () => "the dispatcher does not stop");
  assertEquals(time.running, 0);
});

Deno.test("Dispatcher pauses before it retries an attempt that could not begin", async () => {
  using time = new FakeClock();
  let asked = 0;
  const failures: unknown[] = [];
  const store = {
    webhooks: () => Promise.resolve([WEBHOOK]),
    // Bounded, because a dispatcher without a pause would never yield.
    waiting: () => Promise.resolve(asked > 9 ? [] : [DELIVERY]),
    secret: () => {
      asked++;
      return Promise.reject(BROKEN);
    },
  } as unknown as WebhookStore;
  const dispatcher = aDispatcher(store, failures);
  dispatcher.wake();
  await quiet();
  assertEquals([asked, failures], [1, [BROKEN]]);
  time.advance(RETRY_MS);
  await quiet();
  assertEquals(asked, 2);
  await dispatcher.stop();
  assertEquals(time.running, 0);
});

Deno.test("Outbox records an event later when it could not read the webhooks", async () => {
  using time = new FakeClock();
  let failing = 0;
  let recorded = 0;
  const failures: unknown[] = [];
  const event = { id: 1, type: "note" } as StoredEvent;
  const log: EventLog = {
    after: (id) => Promise.resolve(id === 0 ? [event] : []),
    lastId: () => Promise.resolve(0),
  };
  const tail = await Tail.open(log, (error) => failures.push(error));
  const store = {
    webhooks: () => failing-- > 0 ? Promise.reject(BROKEN) : Promise.resolve([WEBHOOK]),
    record: () => {
      recorded++;
      return Promise.resolve({ deliveries: 1, upToEventId: 1, more: false });
    },
  } as unknown as WebhookStore;
  const outbox = new Outbox({
    store,
    tail,
    now,
    recorded: () => {},
    failed: (error) => failures.push(error),
    retryMs: RETRY_MS,
  });
  outbox.start();
  await quiet();
  recorded = 0;
  failing = 3;
  // The only event: none follows it.
  tail.wake();
  await quiet();
  for (let tries = 0; tries < 5; tries++) {
    time.advance(RETRY_MS);
    await quiet();
  }
  assertEquals([recorded, failures.length], [1, 1]);
  await outbox.stop();
  await tail.close();
  assertEquals(time.running, 0);
});
