import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { amountFault, toMajorUnits, toMinorUnits } from "../contracts/money.ts";

Deno.test("toMinorUnits() is exact", () => {
  assertEquals(toMinorUnits(150.1, "KES"), 15010);
  assertEquals(toMinorUnits(0.29, "KES"), 29);
  assertEquals(toMinorUnits(1.15, "USD"), 115);
  assertEquals(toMinorUnits(1e3, "UGX"), 1000);
  assertEquals(toMinorUnits(0.001, "BHD"), 1);
  assertEquals(toMinorUnits(-0, "KES"), 0);
  assertEquals(toMinorUnits(9_999_999_999_999.99, "KES"), 999_999_999_999_999);
});

Deno.test("toMinorUnits() refuses what a currency does not have", () => {
  const refused: [number, string, string][] = [
    [1.005, "KES", "KES has 2 decimals"],
    [1.5, "UGX", "UGX has 0 decimals"],
    [1e-7, "KES", "KES has 2 decimals"],
    [1e21, "KES", "more than 15 digits"],
    [10_000_000_000_000, "KES", "more than 15 digits"],
    [-1, "KES", "zero or more"],
    [NaN, "KES", "zero or more"],
    [Infinity, "KES", "zero or more"],
    [1, "XXZ", "unknown"],
    [1, "kes", "unknown"],
  ];
  for (const [amount, currency, why] of refused) {
    assertThrows(() => toMinorUnits(amount, currency), RangeError, why);
  }
});

Deno.test("toMajorUnits() and toMinorUnits() are each other's inverse", () => {
  const currency = fc.constantFrom("KES", "UGX", "BHD", "USD");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), currency, (units, code) => {
      const amount = toMajorUnits(units, code);
      assertEquals(amountFault(amount, code), undefined);
      assertEquals(toMinorUnits(JSON.parse(JSON.stringify(amount)), code), units);
    }),
  );
});
