import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import type { Contract } from "../contracts/contract.ts";
import { ContractError, IllegalMove, NotAParty, StateConflict } from "../contracts/errors.ts";
import {
  BUYER,
  DAY_MS,
  DEAL,
  Office,
  RecordingContracts,
  SELLER,
  START,
  STRANGER,
} from "./support/contract_office.ts";

Deno.test("contractBook.create() opens a pending contract and tells of it", async () => {
  await using office = await Office.open();
  const { book, store, news } = office;
  const contract = await book.create(DEAL, "operator");
  assertMatch(contract.id, /^AG-261121-[0-9A-F]{6}$/);
  assertEquals(contract.status, "pending");
  assertEquals(contract.totalMinorUnits, 15010);
  assertEquals(contract.currency, "KES");
  assertEquals(contract.expiresAt, new Date(START.getTime() + 30 * DAY_MS));
  assertEquals(await book.get(contract.id), contract);
  assertEquals(news(), ["contract_created"]);
  assertEquals(
    store.audit.map(({ actor, action, before }) => ({ actor, action, before })),
    [{ actor: "operator", action: "contract_created", before: null }],
  );
});

Deno.test("contractBook.create() takes total and currency from the terms where it has none itself", async () => {
  await using office = await Office.open();
  const { book } = office;
  const { total_amount: _, ...deal } = DEAL;
  const terms = { total_amount: 12.345, currency: "bhd" };
  const contract = await book.create({ ...deal, terms }, "test");
  assertEquals([contract.totalMinorUnits, contract.currency], [12345, "BHD"]);
});

Deno.test("contractBook.createManual() makes the form the terms", async () => {
  await using office = await Office.open();
  const { book } = office;
  const contract = await book.createManual({
    product: "tomatoes",
    quantity: "3",
    unit: null,
    total_amount: 900,
    parties: DEAL.parties,
    contract_type: "goods_purchase",
  }, "test");
  assertMatch(contract.id, /^GP-/);
  assertEquals(contract.transcript, null);
  assertEquals(contract.terms, {
    product: "tomatoes",
    quantity: "3",
    total_amount: 900,
    currency: "KES",
  });
});

Deno.test("contractBook.create() draws another id when one is taken", async () => {
  class Full extends RecordingContracts {
    readonly asked: string[] = [];
    override contract(id: string): Promise<Contract | undefined> {
      this.asked.push(id);
      return this.asked.length > 2
        ? super.contract(id)
        : Promise.resolve({ id } as unknown as Contract);
    }
  }
  await using office = await Office.open({ wrap: (kept) => new Full(kept) });
  const { book, store } = office;
  const { id } = await book.create(DEAL, "test");
  assertEquals(store.asked.length, 3);
  assertEquals(id, store.asked[2]);
});

Deno.test("contractBook.confirm() counts two parties that confirm at once, and tells of each", async () => {
  await using office = await Office.open();
  const { book, news, store } = office;
  const { id } = await book.create(DEAL, "test");
  await Promise.all([book.confirm(id, BUYER), book.confirm(id, SELLER)]);
  const contract = await book.get(id);
  assertEquals(contract.status, "confirmed");
  assertEquals(contract.confirmedAt, START);
  assertEquals(contract.signatures.map(({ phoneNumber }) => phoneNumber), [BUYER, SELLER]);
  assertEquals(news(), [
    "contract_created",
    `signed by ${BUYER}`,
    `signed by ${SELLER}`,
    "contract_changed",
  ]);
  assertEquals(store.audit.map(({ actor }) => actor), ["test", BUYER, SELLER]);
});

Deno.test("contractBook.confirm() of one party again changes nothing", async () => {
  await using office = await Office.open();
  const { book, news, store } = office;
  const { id } = await book.create(DEAL, "test");
  const [once, again] = await Promise.all([book.confirm(id, BUYER), book.confirm(id, BUYER)]);
  assertEquals(once, again);
  assertEquals((await book.confirm(id, "254 712-345678")).signatures.length, 1);
  assertEquals(store.audit.length, 2);
  assertEquals(news(), ["contract_created", `signed by ${BUYER}`]);
  await book.change(id, { status: "cancelled" }, "test");
  assertEquals((await book.confirm(id, BUYER)).status, "cancelled");
});

Deno.test("contractBook.confirm() refuses strangers, and parties of what is over", async () => {
  await using office = await Office.open();
  const { book } = office;
  const { id } = await book.create(DEAL, "test");
  await assertRejects(() => book.confirm(id, STRANGER), NotAParty, STRANGER);
  await assertRejects(() => book.confirm("AG-000000-000000", BUYER), ContractError, "no contract");
  await book.change(id, { status: "cancelled" }, "test");
  await assertRejects(() => book.confirm(id, BUYER), IllegalMove, '"cancelled" to "confirmed"');
});

Deno.test("contractBook.confirm() of a contract whose time is over expires it", async () => {
  await using office = await Office.open();
  const id = await office.deal();
  office.now = new Date(START.getTime() + 30 * DAY_MS);
  await assertRejects(() => office.book.confirm(id, BUYER), IllegalMove, '"expired"');
  assertEquals((await office.book.get(id)).status, "expired");
  assertEquals(office.told(), ["contract expired"]);
});

Deno.test("contractBook.expireOverdue() expires pending contracts only", async () => {
  await using office = await Office.open();
  const [late, confirmed] = [await office.deal(), await office.deal()];
  await office.book.change(confirmed, { status: "confirmed" }, "test");
  office.now = new Date(START.getTime() + 10 * DAY_MS);
  const young = await office.deal();
  office.now = new Date(START.getTime() + 31 * DAY_MS);
  office.told();
  await office.book.expireOverdue();
  const statuses = [late, confirmed, young].map(async (id) => (await office.book.get(id)).status);
  assertEquals(await Promise.all(statuses), ["expired", "confirmed", "pending"]);
  assertEquals(office.told(), ["contract expired"]);
});

Deno.test("contractBook.change() of terms merges them, rehashes, and lets signatures fall", async () => {
  await using office = await Office.open();
  const { book, news } = office;
  const before = await book.create(DEAL, "test");
  await book.confirm(before.id, BUYER);
  assertEquals(
    (await book.change(before.id, { terms: { bags: 100 } }, "test")).signatures.length,
    1,
  );
  const after = await book.change(before.id, { terms: { bags: 90, total_amount: 90 } }, "test");
  assertEquals(after.terms, { product: "maize", bags: 90, total_amount: 90 });
  assertEquals(after.totalMinorUnits, 9000);
  assertEquals(after.signatures, []);
  assertNotEquals(after.hash, before.hash);
  assertEquals(news(), ["contract_created", `signed by ${BUYER}`, "terms_changed"]);
  const { id } = after;
  await assertRejects(
    () => book.change(id, { terms: { total_amount: 0.001 } }, "test"),
    ContractError,
    "KES has 2 decimals",
  );
  await assertRejects(
    () => book.change(id, { terms: { currency: "USD" } }, "test"),
    StateConflict,
    "to USD: it is KES",
  );
  await book.change(id, { status: "confirmed" }, "test");
  await assertRejects(
    () => book.change(id, { terms: { bags: 1 } }, "test"),
    StateConflict,
    "it is confirmed",
  );
});

Deno.test("contractBook.list() pages, newest first, by status and party", async () => {
  await using office = await Office.open();
  const { book } = office;
  const other = [{ phone: STRANGER, role: "buyer" as const }, {
    phone: SELLER,
    role: "seller" as const,
  }];
  const ids: string[] = [];
  for (const parties of [DEAL.parties, other, DEAL.parties]) {
    ids.unshift((await book.create({ ...DEAL, parties }, "test")).id);
  }
  await book.change(ids[0] ?? "", { status: "cancelled" }, "test");
  const list = async (query: Partial<Parameters<typeof book.list>[0]>) => {
    const { contracts, total } = await book.list({ limit: 50, offset: 0, ...query });
    return [contracts.map(({ id }) => ids.indexOf(id)), total];
  };
  assertEquals(await list({}), [[0, 1, 2], 3]);
  assertEquals(await list({ limit: 1, offset: 1 }), [[1], 3]);
  assertEquals(await list({ status: "pending" }), [[1, 2], 2]);
  assertEquals(await list({ phoneNumber: STRANGER }), [[1], 1]);
});
