import { assertEquals } from "@std/assert";
import { type Bounds, boundsOf, isWithin, seesCall, seesClient } from "../../access/bounds.ts";
import { MEMORY, openSqlite } from "../../store/sqlite/open.ts";
import { sampleCall, START, STARTED } from "../support/store_samples.ts";
import { itemsOf } from "../support/whole_list.ts";

Deno.test("boundsOf() normalises every spelling to one number, and returns no bounds for empty lists", () => {
  assertEquals(boundsOf({}, "KE"), undefined);
  assertEquals(boundsOf({ clients: ["0712345678", "+254 712 345 678", "shop"] }, "KE"), {
    clients: ["+254712345678", "shop"],
    numbers: [],
  });
  assertEquals(boundsOf({ numbers: [] }, undefined), { clients: [], numbers: [] });
});

Deno.test("isWithin() refuses anything outside the outer bounds", () => {
  const outer: Bounds = { clients: ["a", "b"], numbers: ["1"] };
  const inside = [outer, { clients: ["a"], numbers: [] }, { clients: [], numbers: [] }];
  for (const inner of inside) assertEquals(isWithin(inner, outer), true);
  const outside = [undefined, { clients: ["c"], numbers: [] }, { clients: [], numbers: ["2"] }];
  for (const inner of outside) assertEquals(isWithin(inner, outer), false);
  assertEquals(isWithin(undefined, undefined), true);
});

Deno.test("seesClient() recognises a client in any spelling", () => {
  const bounds = { clients: ["+254712345678"], numbers: [] };
  assertEquals(seesClient(bounds, "0712345678", "KE"), true);
  assertEquals(seesClient(bounds, "0712345678"), false);
  assertEquals(seesClient({ clients: [], numbers: ["+254712345678"] }, "+254712345678"), false);
});

/** The number as a platform sent it, and in E.164 where it was read. */
const CALLED: [to: string | null, toE164: string | null][] = [
  ["5000", null],
  ["6000", null],
  [null, null],
  ["+254712345678", "+254712345678"],
  ["254712345678", "+254712345678"],
  // From before numbers were read.
  ["254712345678", null],
  ["+254712345678", null],
  ["0712345678", "+254712345678"],
  // The platform's spelling is a different number in another country.
  ["5000", "+12025550123"],
  ["+254712345679", "+254712345679"],
];

Deno.test("seesCall() and the store agree on which calls are within bounds", async () => {
  const store = await openSqlite(MEMORY);
  for (const [at, [to, toE164]] of CALLED.entries()) {
    await store.calls.begin(sampleCall(`call-${at}`, { to, toE164 }), STARTED, START);
  }
  for (const numbers of [["5000"], ["+254712345678"], ["+12025550123", "6000"], []]) {
    const bounds = { clients: [], numbers };
    const seen = CALLED.flatMap(([to, toE164], at) =>
      seesCall(bounds, { to, toE164 }) ? [`call-${at}`] : []
    );
    const page = await store.pages.calls({ limit: 50, form: "entry", calledNumbers: numbers });
    assertEquals(itemsOf(page).map(({ id }) => id).toSorted(), seen, `${numbers}`);
    const events = await store.events.after(0, { bounds }, 50);
    assertEquals(events.map(({ callId }) => callId!).toSorted(), seen, `${numbers}`);
  }
  await store.close();
});
