import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  amountFault,
  currencyDecimals,
  toMajorUnits,
  toMinorUnits,
} from "../../contracts/money.ts";
import { NO_AMOUNTS } from "../support/amounts.ts";

Deno.test("toMinorUnits() is exact", () => {
  assertEquals(toMinorUnits(150.1, "KES"), 15010);
  assertEquals(toMinorUnits(0.29, "KES"), 29);
  assertEquals(toMinorUnits(1.15, "USD"), 115);
  assertEquals(toMinorUnits(1e3, "UGX"), 1000);
  assertEquals(toMinorUnits(0.001, "BHD"), 1);
  assertEquals(toMinorUnits(-0, "KES"), 0);
  assertEquals(toMinorUnits(9_999_999_999_999.99, "KES"), 999_999_999_999_999);
});

Deno.test("toMinorUnits() refuses more decimals than the currency has", () => {
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

Deno.test("toMinorUnits() reads decimal text as exactly as numbers", () => {
  const read: [string, string, number][] = [
    ["2500", "KES", 250_000],
    ["2500.50", "KES", 250_050],
    ["2500.5", "KES", 250_050],
    ["0.1", "KES", 10],
    ["1.15", "USD", 115],
    ["0.29", "KES", 29],
    ["0", "KES", 0],
    ["007", "KES", 700],
    ["2500.00", "UGX", 2500],
    ["1.5000", "KES", 150],
    ["9999999999999.99", "KES", 999_999_999_999_999],
    ["999999999999999", "UGX", 999_999_999_999_999],
  ];
  for (const [text, currency, units] of read) {
    assertEquals(toMinorUnits(text, currency), units, `${text} ${currency}`);
  }
});

Deno.test("toMinorUnits() refuses text that is not decimal, too precise, or too large", () => {
  for (const text of NO_AMOUNTS) {
    assertThrows(() => toMinorUnits(text, "KES"), RangeError, "zero or more", text);
  }
  assertThrows(() => toMinorUnits("1.005", "KES"), RangeError, "KES has 2 decimals");
  assertThrows(() => toMinorUnits("0.5", "UGX"), RangeError, "UGX has 0 decimals");
  assertThrows(() => toMinorUnits("10000000000000", "KES"), RangeError, "more than 15 digits");
  assertThrows(() => toMinorUnits("9007199254740993", "UGX"), RangeError, "more than 15 digits");
});

Deno.test("an amount is the same as a number, as text and in minor units", () => {
  const currency = fc.constantFrom("KES", "UGX", "BHD", "USD");
  const zeros = fc.nat({ max: 4 });
  fc.assert(
    fc.property(fc.nat({ max: 999_999_999_999_999 }), currency, zeros, (units, code, more) => {
      const decimals = currencyDecimals(code);
      const digits = String(units).padStart(decimals + 1, "0");
      const point = digits.length - decimals;
      const fraction = digits.slice(point) + "0".repeat(more);
      const text = `${digits.slice(0, point)}${fraction === "" ? "" : `.${fraction}`}`;
      assertEquals(toMinorUnits(text, code), units);
      assertEquals(toMinorUnits(Number(text), code), units);
    }),
  );
});

Deno.test("toMinorUnits() reads text exactly, or refuses it", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^[-+ ]?[0-9]{0,20}[.,e]?[0-9]{0,4} ?$/)),
      (text) => {
        const plain = /^\d+(\.\d+)?$/.test(text);
        if (amountFault(text, "KES") !== undefined) return;
        assertEquals(plain, true, text);
        const [whole = "", fraction = ""] = text.split(".");
        assertEquals(
          BigInt(toMinorUnits(text, "KES")),
          BigInt(whole + fraction.slice(0, 2).padEnd(2, "0")),
        );
      },
    ),
    { numRuns: 1000 },
  );
});
