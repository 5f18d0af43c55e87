import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { LOCAL } from "../../access/holder.ts";
import { Tickets } from "../../calls/tickets.ts";

function office() {
  const clock = { nowMs: Date.parse("2026-11-21T08:00:00Z") };
  return { clock, tickets: new Tickets(() => new Date(clock.nowMs)) };
}

Deno.test("a ticket opens its call once", () => {
  const { tickets } = office();
  const { ticket, expiresAt } = tickets.mint("call-1", 60_000, LOCAL);
  assertMatch(ticket, /^[0-9a-f]{48}$/);
  assertEquals(expiresAt, new Date("2026-11-21T08:01:00Z"));
  assert(tickets.take(ticket, "call-1"));
  assertFalse(tickets.take(ticket, "call-1"));
});

Deno.test("a ticket does not open another call, and is still good for its own", () => {
  const { tickets } = office();
  const { ticket } = tickets.mint("call-1", 60_000, LOCAL);
  assertFalse(tickets.take(ticket, "call-2"));
  assert(tickets.take(ticket, "call-1"));
});

Deno.test("a ticket expires", () => {
  const { tickets, clock } = office();
  const [first, second] = [
    tickets.mint("call-1", 1000, LOCAL),
    tickets.mint("call-1", 1000, LOCAL),
  ];
  clock.nowMs += 999;
  assert(tickets.take(first.ticket, "call-1"));
  clock.nowMs += 1;
  assertFalse(tickets.take(second.ticket, "call-1"));
});

Deno.test("tickets that have expired are forgotten and others are not", () => {
  const { tickets, clock } = office();
  const short = tickets.mint("call-1", 1000, LOCAL);
  const long = tickets.mint("call-1", 10_000, LOCAL);
  clock.nowMs += 5000;
  const fresh = tickets.mint("call-1", 1000, LOCAL);
  clock.nowMs -= 5000;
  assertFalse(tickets.take(short.ticket, "call-1"), "gone for good");
  assert(tickets.take(long.ticket, "call-1"));
  assert(tickets.take(fresh.ticket, "call-1"));
});

Deno.test("no two tickets are the same, and what is no ticket opens nothing", () => {
  const { tickets } = office();
  const minted = Array.from({ length: 100 }, () => tickets.mint("call-1", 1000, LOCAL).ticket);
  assertEquals(new Set(minted).size, 100);
  for (const ticket of ["", "__proto__", "0".repeat(48)]) {
    assertFalse(tickets.take(ticket, "call-1"));
  }
});
