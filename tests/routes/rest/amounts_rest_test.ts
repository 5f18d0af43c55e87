/** Amounts in requests: numbers and decimal texts only. */
import { assertEquals } from "@std/assert";
import { ContractAnswer, PaymentAnswer } from "../../../contracts/schemas.ts";
import { NO_AMOUNTS } from "../../support/amounts.ts";
import { Api, BUYER, DEAL, faultyFields, parse, PARTIES } from "../../support/contract_api.ts";

const { total_amount: _total, currency: _currency, ...BARE } = DEAL;
const FORM = { product: "maize", parties: PARTIES, total_amount: 1 };

/** Values that no amount field accepts. */
const WRONG: readonly unknown[] = [...NO_AMOUNTS, "1.005", 1.005, -1, true, [5], { amount: 5 }];

Deno.test("POST /contracts/create accepts its total as decimal text, also in the terms", async () => {
  await using api = await Api.open();
  const total = async (request: object) => {
    const answer = await api.ask("POST", "/contracts/create", { ...BARE, ...request });
    return parse(ContractAnswer, answer, 201).total_amount;
  };
  assertEquals(await total({ total_amount: "2500" }), 2500);
  assertEquals(await total({ total_amount: "2500.50" }), 2500.5);
  assertEquals(await total({ terms: { total_amount: "2500.50" } }), 2500.5);
  assertEquals(await total({ terms: { total_amount: "2500", currency: "ugx" } }), 2500);
  assertEquals(await total({ total_amount: "10", terms: { total_amount: 20 } }), 10);
  assertEquals(await total({ total_amount: null, terms: { total_amount: null } }), null);
  assertEquals(await total({ terms: { total_amount: "0.1" } }), 0.1);
});

Deno.test("POST /contracts/create names an invalid amount, and stores nothing", async () => {
  await using api = await Api.open();
  const wrong = async (request: object) =>
    faultyFields(await api.ask("POST", "/contracts/create", { ...BARE, ...request }));
  for (const amount of WRONG) {
    assertEquals(await wrong({ total_amount: amount }), ["total_amount"], String(amount));
    for (const name of ["total_amount", "unit_price"]) {
      assertEquals(await wrong({ terms: { [name]: amount } }), [`terms.${name}`], String(amount));
    }
  }
  const { body } = await api.ask("GET", "/contracts");
  assertEquals(body["total"], 0);
});

Deno.test("POST /contracts/create/manual accepts amounts as text and stores them as numbers", async () => {
  await using api = await Api.open();
  const create = (form: object) =>
    api.ask("POST", "/contracts/create/manual", { ...FORM, ...form });
  const asText = parse(
    ContractAnswer,
    await create({ unit_price: "2.50", total_amount: "250.00" }),
    201,
  );
  const asNumber = parse(ContractAnswer, await create({ unit_price: 2.5, total_amount: 250 }), 201);
  assertEquals(asText.terms, { ...asNumber.terms, unit_price: 2.5, total_amount: 250 });
  assertEquals(asText.contract_hash, asNumber.contract_hash);
  for (const amount of WRONG) {
    assertEquals(
      faultyFields(await create({ unit_price: amount })),
      ["unit_price"],
      String(amount),
    );
    assertEquals(
      faultyFields(await create({ total_amount: amount })),
      ["total_amount"],
      String(amount),
    );
  }
});

Deno.test("PUT /contracts/:id accepts a new total as decimal text", async () => {
  await using api = await Api.open();
  const id = await api.deal();
  const put = (terms: object) => api.ask("PUT", `/contracts/${id}`, { terms });
  assertEquals(parse(ContractAnswer, await put({ total_amount: "2500.50" })).total_amount, 2500.5);
  assertEquals(parse(ContractAnswer, await put({ total_amount: null })).total_amount, 2500.5);
  for (const amount of WRONG) {
    for (const name of ["total_amount", "unit_price"]) {
      assertEquals(faultyFields(await put({ [name]: amount })), [`terms.${name}`], String(amount));
    }
  }
});

Deno.test("POST /payments/checkout accepts its amount as decimal text", async () => {
  await using api = await Api.open();
  const contract_id = await api.deal();
  const checkout = (amount: unknown) =>
    api.ask("POST", "/payments/checkout", { contract_id, amount, phone_number: BUYER });
  assertEquals(parse(PaymentAnswer, await checkout("150.10"), 201).amount, 150.1);
  for (const amount of [...WRONG, 0, "0", "0.00"]) {
    assertEquals(faultyFields(await checkout(amount)), ["amount"], String(amount));
  }
});
