import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { type Holder, LOCAL } from "../../../access/holder.ts";
import { Tickets } from "../../../http/guards/tickets.ts";
import { Database } from "../../../store/sqlite/database.ts";
import { MEMORY, openSqlite } from "../../../store/sqlite/open.ts";
import { databaseFile } from "../../support/database_file.ts";

const HOLDER: Holder = {
  id: "3Fq0ZpX8aB",
  name: "crm",
  scopes: new Set(["calls:listen"]),
  bounds: { clients: [], numbers: ["5000"] },
  expiresAt: new Date("2026-12-21T08:00:00Z"),
};
const OPENS = { door: "live calls", subject: "call-1", scopes: ["watch"], holder: HOLDER };

async function openTickets(path: string = MEMORY) {
  const store = await openSqlite(path);
  const clock = { nowMs: Date.parse("2026-11-21T08:00:00Z") };
  const tickets = new Tickets(store.tickets, () => new Date(clock.nowMs));
  return {
    clock,
    tickets,
    store,
    take: async (ticket: string, subject = "call-1", door = "live calls") =>
      (await tickets.take(ticket, door, subject))?.scopes,
    [Symbol.asyncDispose]: () => store.close(),
  };
}

Deno.test("a ticket opens its door and subject once, within 30 seconds", async () => {
  await using at = await openTickets();
  const { ticket, expiresAt } = await at.tickets.mint(OPENS);
  assertMatch(ticket, /^[0-9a-f]{48}$/);
  assertEquals(expiresAt, new Date("2026-11-21T08:00:30Z"));
  assertEquals(await at.take(ticket), ["watch"]);
  assertFalse(await at.take(ticket));
});

Deno.test("a ticket presented twice at once is accepted once", async () => {
  await using at = await openTickets();
  for (let round = 0; round < 20; round++) {
    const { ticket } = await at.tickets.mint(OPENS);
    const taken = await Promise.all([1, 2, 3].map(() => at.take(ticket)));
    assertEquals(taken.filter((scopes) => scopes !== undefined).length, 1);
  }
});

Deno.test("a ticket opens no other subject or door, and stays valid for its own", async () => {
  await using at = await openTickets();
  const { ticket } = await at.tickets.mint(OPENS);
  assertFalse(await at.take(ticket, "call-2"));
  assertFalse(await at.take(ticket, "call-1", "notifications"));
  assert(await at.take(ticket));
});

Deno.test("a ticket grants what its key grants, with its bounds and expiry", async () => {
  await using at = await openTickets();
  for (const holder of [HOLDER, LOCAL, { ...HOLDER, bounds: undefined, expiresAt: null }]) {
    const { ticket } = await at.tickets.mint({ ...OPENS, holder });
    assertEquals((await at.tickets.take(ticket, "live calls", "call-1"))?.holder, holder);
  }
});

Deno.test("a ticket expires", async () => {
  await using at = await openTickets();
  const first = await at.tickets.mint(OPENS, 1);
  const second = await at.tickets.mint(OPENS, 1);
  at.clock.nowMs += 999;
  assert(await at.take(first.ticket));
  at.clock.nowMs += 1;
  assertFalse(await at.take(second.ticket));
});

Deno.test("expired tickets are forgotten, and others are not", async () => {
  await using at = await openTickets();
  const short = await Promise.all(Array.from({ length: 1100 }, () => at.tickets.mint(OPENS, 1)));
  const long = await at.tickets.mint(OPENS, 10);
  at.clock.nowMs += 5000;
  await at.tickets.forget();
  at.clock.nowMs -= 5000;
  assertFalse(await at.take(short[0]!.ticket), "gone for good");
  assertFalse(await at.take(short.at(-1)!.ticket), "gone for good");
  assert(await at.take(long.ticket));
});

Deno.test("a ticket survives a restart, and its text is not in the database", async () => {
  await using file = await databaseFile();
  const before = await openTickets(file.path);
  const { ticket } = await before.tickets.mint(OPENS);
  await before.store.close();
  const database = new Database(file.path, { readOnly: true });
  const rows = database.all("SELECT * FROM tickets");
  database.close();
  assertEquals([rows.length, JSON.stringify(rows).includes(ticket)], [1, false]);
  await using after = await openTickets(file.path);
  assertEquals(await after.take(ticket), ["watch"]);
});

Deno.test("no two tickets are equal, and other text opens nothing", async () => {
  await using at = await openTickets();
  const minted = await Promise.all(Array.from({ length: 100 }, () => at.tickets.mint(OPENS)));
  assertEquals(new Set(minted.map(({ ticket }) => ticket)).size, 100);
  for (const ticket of ["", "__proto__", "0".repeat(48), `${minted[0]!.ticket} `]) {
    assertFalse(await at.take(ticket));
  }
});

Deno.test("creating, taking and forgetting tickets use an index, however many are open", async () => {
  await using file = await databaseFile();
  await (await openSqlite(file.path)).close();
  const database = new Database(file.path, { readOnly: true });
  const plan = (sql: string) =>
    database.all(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => String(detail)).join();
  const take = plan("DELETE FROM tickets WHERE digest = 'd' AND door = 'x' AND subject = 'y'");
  const forget = plan(
    "SELECT digest FROM tickets WHERE expires_at < 1 ORDER BY expires_at LIMIT 9",
  );
  database.close();
  assertMatch(take, /SEARCH tickets USING PRIMARY KEY \(digest=\?\)/);
  assertMatch(forget, /SEARCH tickets USING (COVERING )?INDEX tickets_by_time/);
  assertEquals([take, forget].some((detail) => /SCAN|TEMP B-TREE/.test(detail)), false);
});
