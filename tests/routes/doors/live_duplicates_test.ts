/** A live event is sent once, also to a peer that has just caught up. */
import { assertEquals } from "@std/assert";
import { Calls } from "../../../calls/calls.ts";
import type { Persisted } from "../../../calls/store.ts";
import type { NotificationsNotice } from "../../../protocols/notifications/ports.ts";
import { Clients } from "../../../routes/doors/notification_clients.ts";
import { Replays } from "../../../session/replays.ts";
import type { Services } from "../../../routes/services.ts";
import type { StoredEvent } from "../../../events/event_log.ts";
import type { Listener } from "../../../events/tail.ts";
import { Arrivals, within } from "../../support/arrivals.ts";
import { SEED } from "../../support/calls.ts";
import { HeldStore } from "../../support/held_store.ts";
import { Client } from "../../support/client.ts";
import { BEARER, inboundCall, QUIET_INBOUND, watch } from "../../support/lines.ts";
import { TestServer } from "../../support/server.ts";

const CLIENT = "+254712345678";

function changed(id: number): StoredEvent {
  return {
    id,
    at: new Date("2026-11-21T08:00:00Z"),
    type: "contract_changed",
    actor: "rest",
    callId: null,
    callSeq: null,
    contractId: "AG-1",
    toEveryone: false,
    call: null,
    parties: [],
    data: { status: "active", parties: [CLIENT] },
  };
}

/** Clients on a log that the test writes: `kept` is its past, `tell` sends live events. */
function clients(kept: StoredEvent[]) {
  const heard = new Arrivals<number>();
  const reading = new Arrivals<number>();
  let tell: Listener = () => {};
  let page = Promise.withResolvers<void>();
  const parts = {
    tail: {
      listen(listener: Listener) {
        tell = listener;
        return { [Symbol.dispose]() {} };
      },
    },
    replays: new Replays(1),
    store: {
      pages: {
        async updates({ afterId }: { afterId: number }) {
          const events = kept.filter((event) => event.id > afterId);
          reading.push(afterId);
          await within(page.promise, () => "the page is not released");
          return { events, seen: events.at(-1)?.id ?? afterId, isLast: true };
        },
      },
    },
    clientKeys: { of: () => undefined },
    now: () => new Date(),
    failed(error: unknown) {
      throw error;
    },
    config: { LIMIT_INBOX_EVENTS: 1024 },
  } as unknown as Services;
  const all = new Clients(parts);
  const session = {
    id: "s",
    door: "notifications",
    ended: new Promise<void>(() => {}),
    takesMore: true,
    notify(notice: NotificationsNotice) {
      if (notice.kind !== "update") return true;
      const { update } = notice;
      if (update.type !== "encrypted") heard.push(update.event_id!);
      return true;
    },
    notifyAudio: () => true,
    hangUp() {},
  };
  return {
    heard,
    reading,
    add: (after: number) => all.add(CLIENT, session, after),
    tell: (...events: StoredEvent[]) => tell(events),
    release() {
      page.resolve();
      page = Promise.withResolvers();
      page.resolve();
    },
  };
}

Deno.test("a client that has read a past event does not get it live as well", async () => {
  const kept = [changed(1), changed(2)];
  const { heard, reading, add, tell, release } = clients(kept);
  add(0);
  await reading.next(() => true);
  release();
  await heard.next((id) => id === 2);
  // The tail reports the event after the page had it.
  tell(changed(2), changed(3));
  await heard.next((id) => id === 3);
  assertEquals(heard.all, [1, 2, 3]);
});

Deno.test("a client gets events that arrive while it reads the past, once", async () => {
  const { heard, reading, add, tell, release } = clients([changed(1), changed(2)]);
  add(0);
  await reading.next(() => true);
  tell(changed(2), changed(3));
  release();
  await heard.next((id) => id === 3);
  tell(changed(4));
  await heard.next((id) => id === 4);
  assertEquals(heard.all, [1, 2, 3, 4]);
});

Deno.test("Calls.record() notifies followers once of an operation that was written before", async () => {
  class Repeating extends HeldStore {
    readonly #done = new Map<string, Persisted>();

    override async append(...args: Parameters<HeldStore["append"]>): Promise<Persisted> {
      const operation = (args as unknown[])[3] as string;
      const before = this.#done.get(operation);
      if (before !== undefined) return { ...before, repeated: true };
      const kept = await super.append(...args);
      this.#done.set(operation, kept);
      return kept;
    }
  }
  const calls = new Calls({ store: new Repeating(), now: () => new Date(), failed() {} });
  const { id } = await calls.begin(SEED);
  const told: number[] = [];
  calls.follow(id, ({ seq }) => told.push(seq));
  const note = { type: "note", actor: "rest", data: { text: "once" } } as const;
  for (let times = 0; times < 3; times++) await calls.record(id, note, "the same operation");
  assertEquals(told, [2]);
  assertEquals(calls.events(id).map(({ seq }) => seq), [1, 2]);
  assertEquals(calls.call(id)?.lastSeq, 2);
});

Deno.test("a watcher who has seen the end of a call gets what follows once, and is closed", async () => {
  await using server = await TestServer.start({ settings: QUIET_INBOUND });
  await using line = await inboundCall(server);
  await using early = await watch(server);
  line.send({ event: "hangup" });
  await early.next({ type: "event:callEnd" });
  // The call is over, and its CDR is still missing: its page is open.
  const call = await server.call("inbound", "in-1", ({ state }) => state === "ended");
  const query = new URLSearchParams({
    conversationToken: call.liveConversationToken,
    after: String(call.lastSeq),
  });
  const url = server.ws(`/ws/v1/liveCalls?${query}`);
  const { calls, store: { pages } } = server.server.services;
  const words = (msg: string) =>
    calls.record(call.id, { type: "transcript", actor: "rest", data: { msg, role: "other" } });
  await words("late");
  // A transcript that arrives with the watcher is in the record when it is read, and sent live too.
  const read = pages.watched;
  pages.watched = async (...args) => {
    pages.watched = read;
    await words("later");
    return await read(...args);
  };
  await using late = await Client.open(url, { headers: BEARER });
  assertEquals((await late.whenClosed()).code, 1000);
  assertEquals(late.messages.map(({ msg }) => msg), ["late", "later"]);
});
