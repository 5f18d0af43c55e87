/**
 * How every store finds calls.
 * @module
 */
import { assertEquals } from "@std/assert";
import { callEntry } from "../../calls/call_entry.ts";
import type { CallQuery } from "../../calls/store.ts";
import type { CallKey } from "../../store/pages.ts";
import type { Store } from "../../store/store.ts";
import {
  BUYER,
  CDR,
  ended,
  later,
  ODD_TEXT,
  type OpenStore,
  sampleCall,
  SELLER,
  START,
  STARTED,
} from "./store_samples.ts";
import { itemsOf } from "./whole_list.ts";

/** Declares the tests. */
export function callListSuite(name: string, open: OpenStore): void {
  Deno.test(`callStore.open() lists the calls whose record is not closed (${name})`, async () => {
    await using opened = await open();
    const { calls } = opened.store;
    for (const [at, id] of ["over", "no cdr", "on"].entries()) {
      await calls.begin(sampleCall(id, { startedAt: later(at) }), STARTED, later(at));
    }
    await calls.append("over", ended(), later(5));
    await calls.append("over", { type: "cdr", actor: "line", data: { cdr: CDR } }, later(6));
    await calls.append("no cdr", ended(), later(7));
    const still = await calls.open();
    assertEquals(still.map(({ id, state }) => [id, state]), [["no cdr", "ended"], [
      "on",
      "ringing",
    ]]);
    assertEquals(still[0], await calls.call("no cdr"));
  });

  Deno.test(`callStore.byToken() finds a call, over or not (${name})`, async () => {
    await using opened = await open();
    const { calls } = opened.store;
    await calls.begin(sampleCall("a", { liveConversationToken: ODD_TEXT }), STARTED, START);
    await calls.begin(sampleCall("b"), STARTED, START);
    await calls.append("b", ended(), START);
    assertEquals((await calls.byToken("token b"))?.id, "b");
    assertEquals((await calls.byToken("token b"))?.lastSeq, 2);
    assertEquals(await calls.byToken("token c"), undefined);
    assertEquals(await calls.byToken(""), undefined);
  });

  Deno.test(`pages.calls() filters, newest first (${name})`, async () => {
    await using opened = await open();
    await fill(opened.store);
    const { calls, pages } = opened.store;
    const list = async (query: Partial<CallQuery>) =>
      itemsOf(await pages.calls({ limit: 10, form: "entry", ...query })).map(({ id }) => id).join(
        " ",
      );
    assertEquals(await list({}), "e d c b a");
    assertEquals(await list({ limit: 2 }), "e d");
    assertEquals(await list({ state: "ended" }), "d");
    assertEquals(await list({ state: "ringing" }), "e c b a");
    assertEquals(await list({ line: "jambonz" }), "e c");
    assertEquals(await list({ from: BUYER }), "d b a");
    assertEquals(await list({ from: "0712 345 678" }), "e d c b a");
    assertEquals(await list({ from: "' OR 1 --" }), "");
    assertEquals(await list({ to: SELLER }), "c");
    assertEquals(await list({ to: "5000" }), "e d c b a");
    assertEquals(await list({ startedFrom: later(2) }), "e d c");
    assertEquals(await list({ startedBefore: later(2) }), "b a");
    assertEquals(await list({ startedFrom: later(1), startedBefore: later(3) }), "c b");
    assertEquals(await list({ line: "inbound", state: "ringing", from: BUYER }), "b a");
    const whole = await pages.calls({ limit: 1, form: "entry", state: "ended" });
    assertEquals(itemsOf(whole), [callEntry((await calls.call("d"))!)]);
  });

  Deno.test(`pages.calls() goes on after a call, also among those of one time (${name})`, async () => {
    await using opened = await open();
    const { calls, pages } = opened.store;
    for (const [id, at] of [["a", 0], ["b", 1], ["d", 1], ["c", 1], ["e", 2]] as const) {
      await calls.begin(sampleCall(id, { startedAt: later(at) }), STARTED, later(at));
    }
    const seen: string[] = [];
    let after: CallKey | null = null;
    while (true) {
      const page = await pages.calls({
        limit: 2,
        form: "entry",
        ...(after === null ? {} : { after }),
      });
      seen.push(...itemsOf(page).map(({ id }) => id));
      after = page.last;
      if (after === null) break;
      // A call that begins meanwhile is newer, so no later page has it.
      const id = `new ${seen.length}`;
      await calls.begin(sampleCall(id, { startedAt: later(100) }), STARTED, START);
    }
    assertEquals(seen, ["e", "d", "c", "b", "a"]);
  });
}

async function fill({ calls }: Store): Promise<void> {
  await calls.begin(sampleCall("a"), STARTED, START);
  await calls.begin(sampleCall("b", { startedAt: later(1) }), STARTED, later(1));
  const jambonz = { line: "jambonz" as const, fromE164: null };
  const third = sampleCall("c", { ...jambonz, toE164: SELLER, startedAt: later(2) });
  await calls.begin(third, STARTED, later(2));
  await calls.begin(sampleCall("d", { startedAt: later(3) }), STARTED, later(3));
  await calls.append("d", ended(), later(3.5));
  await calls.begin(sampleCall("e", { ...jambonz, startedAt: later(4) }), STARTED, later(4));
}
