/** A call that was given up comes back on two sockets at once, or while somebody still follows it. */
import { assertEquals } from "@std/assert";
import { CallBook } from "../calls/book.ts";
import type { CallStore } from "../calls/store.ts";
import { MEMORY, openSqlite } from "../store/sqlite.ts";
import { within } from "./support/arrivals.ts";
import { SEED } from "./support/book.ts";

const LOST = { type: "ended", actor: "line", data: { by: "lost", reason: "gone" } } as const;

/** A call that was given up as lost, in a book that the test keeps from hearing what is on disk. */
async function lostCall() {
  const store = await openSqlite(MEMORY);
  let hold: { readonly written: () => void; readonly told: Promise<void> } | undefined;
  const calls = new Proxy(store.calls, {
    get(table, name: keyof CallStore) {
      const member = table[name].bind(table) as (...given: unknown[]) => Promise<unknown>;
      if (name !== "append") return member;
      return async (...given: unknown[]) => {
        const kept = await member(...given);
        hold?.written();
        await hold?.told;
        return kept;
      };
    },
  });
  /** From now on the book hears of a write when `tell` is called; `written` resolves with the first. */
  const holdAnswers = () => {
    const written = Promise.withResolvers<void>();
    const told = Promise.withResolvers<void>();
    hold = { written: written.resolve, told: told.promise };
    return { written: written.promise, tell: told.resolve };
  };
  const book = new CallBook({ store: calls, now: () => new Date(), failed() {} });
  const call = await book.begin({ ...SEED, line: "jambonz" });
  await book.record(call.id, LOST);
  const reopen = () => book.reopen("jambonz", call.platformId);
  const types = async () => (await book.read(call.id, 0, 100)).map(({ type }) => type);
  const close = () => store.close();
  return { book, call, holdAnswers, reopen, types, [Symbol.asyncDispose]: close };
}

Deno.test("CallBook.reopen() gives one record to two sockets that come back at once", async () => {
  await using lost = await lostCall();
  const { call, holdAnswers, reopen, types } = lost;
  const { written, tell } = holdAnswers();
  const first = reopen();
  await within(written, () => "the return of the call is not written");
  const second = reopen();
  tell();
  assertEquals([(await first)?.id, (await second)?.id], [call.id, call.id]);
  assertEquals(await types(), ["started", "ended", "line_back"]);
});

Deno.test("CallBook.reopen() leaves a call to those who follow it", async () => {
  await using lost = await lostCall();
  const { book, call, reopen } = lost;
  const heard: string[] = [];
  using _following = book.follow(call.id, ({ type }) => void heard.push(type));
  await reopen();
  await book.record(call.id, { type: "note", actor: "us", data: { text: "goes on" } });
  assertEquals(heard, ["line_back", "note"]);
});
