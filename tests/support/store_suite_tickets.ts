/**
 * The requirements for every store: tickets.
 * @module
 */
import { assertEquals } from "@std/assert";
import { later, ODD_TEXT, type OpenStore, START } from "./store_samples.ts";

/** Declares the tests. */
export function ticketSuite(name: string, open: OpenStore): void {
  const test = (what: string, run: (opened: Awaited<ReturnType<OpenStore>>) => Promise<void>) =>
    Deno.test(`${what} (${name})`, async () => {
      await using opened = await open();
      await run(opened);
    });

  const TICKET = {
    door: "live calls",
    subject: ODD_TEXT,
    scopes: ["watch", "join"],
    holder: JSON.stringify({ name: ODD_TEXT }),
    expiresAt: later(1),
  };

  test("ticketStore.take() gives a ticket to the first request", async ({ store: { tickets } }) => {
    await tickets.add("d", TICKET);
    const taken = await Promise.all(
      [1, 2].map(() => tickets.take("d", TICKET.door, TICKET.subject)),
    );
    assertEquals(taken, [TICKET, undefined]);
  });

  test("ticketStore.take() leaves a ticket for another door", async ({ store: { tickets } }) => {
    await tickets.add("d", { ...TICKET, scopes: [] });
    assertEquals(await tickets.take("d", TICKET.door, "another"), undefined);
    assertEquals(await tickets.take("d", "another", TICKET.subject), undefined);
    assertEquals(await tickets.take("e", TICKET.door, TICKET.subject), undefined);
    assertEquals((await tickets.take("d", TICKET.door, TICKET.subject))?.scopes, []);
  });

  test("ticketStore.forget() forgets a limited number of expired tickets at once", async ({ store }) => {
    const { tickets } = store;
    const digests = Array.from({ length: 9 }, (_, at) => `${at}`);
    for (const [at, digest] of digests.entries()) {
      await tickets.add(digest, { ...TICKET, expiresAt: later(at) });
    }
    assertEquals(await tickets.forget(START, 9), 0);
    assertEquals(await tickets.forget(later(5), 3), 3);
    assertEquals(await tickets.forget(later(5), 3), 2);
    const left = digests.map((digest) => tickets.take(digest, TICKET.door, TICKET.subject));
    const found = (await Promise.all(left)).map((ticket) => ticket !== undefined);
    assertEquals(found, digests.map((_, at) => at >= 5));
  });
}
