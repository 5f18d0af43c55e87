import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../http/problem.ts";
import { IdempotentAnswers } from "../../http/idempotency.ts";
import type { Visit } from "../../http/route.ts";
import { within } from "../support/arrivals.ts";
import { MEMORY, openSqlite } from "../../store/sqlite/open.ts";

/** POSTs with one key to a handler that the test ends. */
class Counter implements AsyncDisposable {
  readonly #repeats: IdempotentAnswers;
  readonly #body = new TextEncoder().encode("{}");
  readonly #began = Promise.withResolvers<void>();
  /** The outcome of the first run, the second, and so on. */
  readonly deeds = Array.from({ length: 2 }, () => Promise.withResolvers<Response>());
  /** How often the handler has started. */
  runs = 0;

  private constructor(readonly store: Awaited<ReturnType<typeof openSqlite>>) {
    this.#repeats = new IdempotentAnswers(store.requests, () => new Date());
  }

  static async open(): Promise<Counter> {
    return new Counter(await openSqlite(MEMORY));
  }

  /** Sends the request; resolves with the answer. */
  async ask(key = "key"): Promise<[status: number, text: string]> {
    const url = new URL("http://127.0.0.1/deed");
    const request = new Request(url, { method: "POST" });
    const visit: Visit = {
      request,
      url,
      params: {},
      requestId: "r",
      holder: undefined,
      address: "::1",
      actor: "local",
    };
    const answering = this.#repeats.answer(key, visit, this.#body, () => {
      this.#began.resolve();
      return this.deeds[this.runs++]!.promise;
    });
    const response = await within(answering, () => `no answer after ${this.runs} runs`);
    return [response.status, await response.text()];
  }

  /** The handler has started. */
  async begun(): Promise<void> {
    await within(this.#began.promise, () => "the deed has not begun");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
  }
}

Deno.test("IdempotentAnswers runs two simultaneous requests with one key once, and answers both", async () => {
  await using counter = await Counter.open();
  const both = [counter.ask(), counter.ask()];
  await counter.begun();
  counter.deeds[0]!.resolve(new Response("done", { status: 201 }));
  assertEquals(await Promise.all(both), [[201, "done"], [201, "done"]]);
  assertEquals(counter.runs, 1);
});

Deno.test("IdempotentAnswers refuses a simultaneous repeat when the first request fails", async () => {
  await using counter = await Counter.open();
  const [first, second] = [counter.ask(), counter.ask()];
  await counter.begun();
  counter.deeds[0]!.reject(new Error("no disk"));
  await assertRejects(() => first, Error, "no disk");
  const refused = await assertRejects(() => second, Refused, "failed; try again");
  assertEquals([refused.status, counter.runs], [409, 1]);
});

Deno.test("IdempotentAnswers runs a failed request again, for repeats during and after it", async () => {
  await using counter = await Counter.open();
  const first = counter.ask();
  await counter.begun();
  const second = counter.ask();
  // The store works in order, so the second request would have claimed its key by now.
  await counter.store.requests.open("behind", "", "", new Date());
  counter.deeds[0]!.reject(new Error("no disk"));
  counter.deeds[1]!.resolve(new Response("done"));
  await assertRejects(() => first, Error, "no disk");
  assertEquals(await second, [200, "done"]);
  assertEquals(await counter.ask(), [200, "done"]);
  assertEquals(counter.runs, 2);
});

Deno.test("IdempotentAnswers does not store a 500: waiting requests get it, and the next one runs", async () => {
  await using counter = await Counter.open();
  const both = [counter.ask(), counter.ask()];
  await counter.begun();
  counter.deeds[0]!.resolve(new Response("oops", { status: 500 }));
  assertEquals(await Promise.all(both), [[500, "oops"], [500, "oops"]]);
  counter.deeds[1]!.resolve(new Response("too much", { status: 499 }));
  assertEquals(await counter.ask(), [499, "too much"]);
  assertEquals(await counter.ask(), [499, "too much"]);
  assertEquals(counter.runs, 2);
});

Deno.test("IdempotentAnswers stores a refusal, and accepts keys of up to 255 characters", async () => {
  await using counter = await Counter.open();
  const key = "k".repeat(255);
  counter.deeds[0]!.reject(new Refused(422, "no such field"));
  const [status, text] = await counter.ask(key);
  assertEquals(status, 422);
  assertEquals(await counter.ask(key), [status, text]);
  assertEquals(counter.runs, 1);
  for (const wrong of ["", `${key}k`]) {
    const refused = await assertRejects(() => counter.ask(wrong), Refused, "1 to 255");
    assertEquals(refused.status, 422);
  }
});
