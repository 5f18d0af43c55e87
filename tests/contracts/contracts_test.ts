import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import type { Contract } from "../../contracts/contract.ts";
import { ContractError, IllegalMove, NotAParty, StateConflict } from "../../contracts/errors.ts";
import {
  BUYER,
  DAY_MS,
  DEAL,
  RecordingContracts,
  SELLER,
  START,
  STRANGER,
  TestContracts,
} from "../support/contracts.ts";

Deno.test("contracts.create() opens a pending contract, with an event", async () => {
  await using test = await TestContracts.open();
  const { contracts, store, news } = test;
  const contract = await contracts.create(DEAL, "operator");
  assertMatch(contract.id, /^AG-261121-[0-9A-F]{6}$/);
  assertEquals(contract.status, "pending");
  assertEquals(contract.totalMinorUnits, 15010);
  assertEquals(contract.currency, "KES");
  assertEquals(contract.expiresAt, new Date(START.getTime() + 30 * DAY_MS));
  assertEquals(await contracts.get(contract.id), contract);
  assertEquals(news(), ["contract_created"]);
  assertEquals(
    store.audit.map(({ actor, action, before }) => ({ actor, action, before })),
    [{ actor: "operator", action: "contract_created", before: null }],
  );
});

Deno.test("contracts.create() takes total and currency from the terms when the request has none", async () => {
  await using test = await TestContracts.open();
  const { contracts } = test;
  const { total_amount: _, ...deal } = DEAL;
  const terms = { total_amount: 12.345, currency: "bhd" };
  const contract = await contracts.create({ ...deal, terms }, "test");
  assertEquals([contract.totalMinorUnits, contract.currency], [12345, "BHD"]);
});

Deno.test("contracts.createManual() turns the form into the terms", async () => {
  await using test = await TestContracts.open();
  const { contracts } = test;
  const contract = await contracts.createManual({
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

Deno.test("contracts.create() picks another id when one is taken", async () => {
  class Full extends RecordingContracts {
    readonly asked: string[] = [];
    override contract(id: string): Promise<Contract | undefined> {
      this.asked.push(id);
      return this.asked.length > 2
        ? super.contract(id)
        : Promise.resolve({ id } as unknown as Contract);
    }
  }
  await using test = await TestContracts.open({ wrap: (kept) => new Full(kept) });
  const { contracts, store } = test;
  const { id } = await contracts.create(DEAL, "test");
  assertEquals(store.asked.length, 3);
  assertEquals(id, store.asked[2]);
});

Deno.test("contracts.confirm() counts two simultaneous signatures, with an event for each", async () => {
  await using test = await TestContracts.open();
  const { contracts, news, store } = test;
  const { id } = await contracts.create(DEAL, "test");
  await Promise.all([contracts.confirm(id, BUYER), contracts.confirm(id, SELLER)]);
  const contract = await contracts.get(id);
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

Deno.test("contracts.confirm() changes nothing when a party signs again", async () => {
  await using test = await TestContracts.open();
  const { contracts, news, store } = test;
  const { id } = await contracts.create(DEAL, "test");
  const [once, again] = await Promise.all([
    contracts.confirm(id, BUYER),
    contracts.confirm(id, BUYER),
  ]);
  assertEquals(once, again);
  assertEquals((await contracts.confirm(id, "254 712-345678")).signatures.length, 1);
  assertEquals(store.audit.length, 2);
  assertEquals(news(), ["contract_created", `signed by ${BUYER}`]);
  await contracts.change(id, { status: "cancelled" }, "test");
  assertEquals((await contracts.confirm(id, BUYER)).status, "cancelled");
});

Deno.test("contracts.confirm() refuses strangers, and any party of a final contract", async () => {
  await using test = await TestContracts.open();
  const { contracts } = test;
  const { id } = await contracts.create(DEAL, "test");
  await assertRejects(() => contracts.confirm(id, STRANGER), NotAParty, STRANGER);
  await assertRejects(
    () => contracts.confirm("AG-000000-000000", BUYER),
    ContractError,
    "no contract",
  );
  await contracts.change(id, { status: "cancelled" }, "test");
  await assertRejects(
    () => contracts.confirm(id, BUYER),
    IllegalMove,
    '"cancelled" to "confirmed"',
  );
});

Deno.test("contracts.confirm() expires a contract whose time to sign is over", async () => {
  await using test = await TestContracts.open();
  const id = await test.deal();
  test.now = new Date(START.getTime() + 30 * DAY_MS);
  await assertRejects(() => test.contracts.confirm(id, BUYER), IllegalMove, '"expired"');
  assertEquals((await test.contracts.get(id)).status, "expired");
  assertEquals(test.told(), ["contract expired"]);
});

Deno.test("contracts.expireOverdue() expires pending contracts only", async () => {
  await using test = await TestContracts.open();
  const [late, confirmed] = [await test.deal(), await test.deal()];
  await test.contracts.change(confirmed, { status: "confirmed" }, "test");
  test.now = new Date(START.getTime() + 10 * DAY_MS);
  const young = await test.deal();
  test.now = new Date(START.getTime() + 31 * DAY_MS);
  test.told();
  await test.contracts.expireOverdue();
  const statuses = [late, confirmed, young].map(async (id) =>
    (await test.contracts.get(id)).status
  );
  assertEquals(await Promise.all(statuses), ["expired", "confirmed", "pending"]);
  assertEquals(test.told(), ["contract expired"]);
});

Deno.test("contracts.change() merges terms, updates the hash, and drops signatures", async () => {
  await using test = await TestContracts.open();
  const { contracts, news } = test;
  const before = await contracts.create(DEAL, "test");
  await contracts.confirm(before.id, BUYER);
  assertEquals(
    (await contracts.change(before.id, { terms: { bags: 100 } }, "test")).signatures.length,
    1,
  );
  const after = await contracts.change(
    before.id,
    { terms: { bags: 90, total_amount: 90 } },
    "test",
  );
  assertEquals(after.terms, { product: "maize", bags: 90, total_amount: 90 });
  assertEquals(after.totalMinorUnits, 9000);
  assertEquals(after.signatures, []);
  assertNotEquals(after.hash, before.hash);
  assertEquals(news(), ["contract_created", `signed by ${BUYER}`, "terms_changed"]);
  const { id } = after;
  await assertRejects(
    () => contracts.change(id, { terms: { total_amount: 0.001 } }, "test"),
    ContractError,
    "KES has 2 decimals",
  );
  await assertRejects(
    () => contracts.change(id, { terms: { currency: "USD" } }, "test"),
    StateConflict,
    "to USD: it is KES",
  );
  await contracts.change(id, { status: "confirmed" }, "test");
  await assertRejects(
    () => contracts.change(id, { terms: { bags: 1 } }, "test"),
    StateConflict,
    "it is confirmed",
  );
});
