/** A call that was given up comes back on two sockets at once, or while somebody still follows it. */
import { assertEquals } from "@std/assert";
import { Calls } from "../../calls/calls.ts";
import type { CallStore } from "../../calls/store.ts";
import { MEMORY, openSqlite } from "../../store/sqlite/open.ts";
import { within } from "../support/arrivals.ts";
import { SEED } from "../support/calls.ts";

const LOST = { type: "ended", actor: "line", data: { by: "lost", reason: "gone" } } as const;

/** A call that was given up as lost, on a store whose reports the test holds back. */
async function lostCall() {
  const store = await openSqlite(MEMORY);
  let hold: { readonly written: () => void; readonly told: Promise<void> } | undefined;
  const held = new Proxy(store.calls, {
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
  /** From now on `Calls` is notified of a write when `tell` is called; `written` resolves with the first. */
  const holdAnswers = () => {
    const written = Promise.withResolvers<void>();
    const told = Promise.withResolvers<void>();
    hold = { written: written.resolve, told: told.promise };
    return { written: written.promise, tell: told.resolve };
  };
  const calls = new Calls({ store: held, now: () => new Date(), failed() {} });
  const call = await calls.begin({ ...SEED, line: "jambonz" });
  await calls.record(call.id, LOST);
  const reopen = () => calls.reopen("jambonz", call.platformId);
  const types = async () => (await held.events(call.id, 0, 100)).map(({ type }) => type);
  const close = () => store.close();
  return { calls, call, holdAnswers, reopen, types, [Symbol.asyncDispose]: close };
}

Deno.test("Calls.reopen() gives two sockets that come back at once the same record", async () => {
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

Deno.test("Calls.reopen() keeps the followers of a call", async () => {
  await using lost = await lostCall();
  const { calls, call, reopen } = lost;
  const heard: string[] = [];
  using _following = calls.follow(call.id, ({ type }) => void heard.push(type));
  await reopen();
  await calls.record(call.id, { type: "note", actor: "us", data: { text: "goes on" } });
  assertEquals(heard, ["line_back", "note"]);
});
