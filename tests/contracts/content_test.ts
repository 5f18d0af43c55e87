import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { z } from "zod";
import { agreementHash, CONTRACT_TYPES } from "../../contracts/agreement.ts";
import { contractId, paymentId } from "../../contracts/ids.ts";
import * as schemas from "../../contracts/schemas.ts";
import { BUYER, DEAL, START, TestContracts } from "../support/contracts.ts";

Deno.test("agreementHash() depends only on the content", async () => {
  await using test = await TestContracts.open();
  const { contracts } = test;
  const contract = await contracts.create(
    { ...DEAL, terms: { b: [1, { d: 1, c: 2 }], a: "ä" } },
    "x",
  );
  const twin = await contracts.create({ ...DEAL, terms: { a: "ä", b: [1, { c: 2, d: 1 }] } }, "y");
  assertEquals(contract.hash, twin.hash);
  assertMatch(contract.hash, /^[0-9a-f]{64}$/);
  assertEquals((await contracts.confirm(contract.id, BUYER)).hash, contract.hash);
  assertNotEquals(agreementHash({ ...contract, totalMinorUnits: 15011 }), contract.hash);
  assertNotEquals(agreementHash({ ...contract, parties: [] }), contract.hash);
  // The hash of a signed contract must never change.
  assertEquals(
    agreementHash({
      type: "other",
      parties: [],
      transcript: null,
      terms: {},
      totalMinorUnits: 1,
      currency: "KES",
    }),
    "00202a34ebdc57e3a3ec663a4a0dcf648b80acf67d6e1f51529f2e507c86f303",
  );
});

Deno.test("agreementHash() sorts keys by code units and writes numbers as ECMAScript does", () => {
  const terms = {
    "€": 1,
    "\r": 2,
    "1": 3,
    "\u{1f600}": 4,
    "ö": [1e21, 0.1, -0, undefined],
    u: undefined,
    // RFC 8785 has no form for a lone surrogate, but contracts with one may have been signed.
    half: "\ud800",
  };
  const agreement = { parties: [], terms, totalMinorUnits: 1, transcript: "x" };
  const canonical = '{"currency":"KES","parties":[],' +
    '"terms":{"\\r":2,"1":3,"half":"\\ud800","ö":[1e+21,0.1,0,null],"€":1,"\u{1f600}":4},' +
    '"totalMinorUnits":1,"transcript":"x","type":"other"}';
  assertEquals(
    agreementHash({ ...agreement, type: "other", currency: "KES" }),
    createHash("sha256").update(canonical).digest("hex"),
  );
});

Deno.test("contractId() and paymentId() contain type and date", () => {
  const prefixes = CONTRACT_TYPES.map((type) => contractId(type, START).slice(0, 10));
  assertEquals(
    prefixes,
    ["AG-261121-", "SV-261121-", "GP-261121-", "LG-261121-", "OT-261121-"],
  );
  assertMatch(paymentId(START), /^PY-261121-[0-9A-F]{6}$/);
});

Deno.test("the schemas of contracts and payments can be documented", () => {
  for (const [name, schema] of Object.entries(schemas)) {
    if (!(schema instanceof z.ZodType)) continue;
    for (const io of ["input", "output"] as const) {
      assert(z.toJSONSchema(schema, { io }), name);
    }
  }
});

Deno.test("ContractCreate refuses terms that are nested too deeply", () => {
  let deep: unknown = [];
  for (let depth = 0; depth < 50_000; depth++) deep = [deep];
  const parsed = schemas.ContractCreate.safeParse({ ...DEAL, terms: { deep } });
  assertEquals(parsed.error?.issues.map(({ path }) => path.join(".")), ["terms"]);
});
