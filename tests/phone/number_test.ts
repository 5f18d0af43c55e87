import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { e164OrText, isCountry, isWrittenLikeNumber, toE164 } from "../../phone/number.ts";

Deno.test("toE164() keeps a number in E.164, with any spacing", () => {
  for (const number of ["+15083084809", " +1 508-308-4809 ", "+1 (508) 308 4809"]) {
    assertEquals(toE164(number), "+15083084809");
  }
});

Deno.test("toE164() reads SIP addresses", () => {
  const spellings = [
    "sip:+15083084809@203.0.113.5",
    "sips:+15083084809@example.com;user=phone",
    "15083084809@example.com",
    '"Bob" <sip:+15083084809@example.com>;tag=1',
    "sip:+1-508-308-4809;ext=12;npdi@example.com:5060;user=phone",
    "sip:%2B15083084809:secret@example.com",
    "SIP:+15083084809",
  ];
  for (const spelling of spellings) assertEquals(toE164(spelling), "+15083084809", spelling);
});

Deno.test("toE164() reads tel: URIs, their context and their extension", () => {
  assertEquals(toE164("tel:+254-712-345-678;ext=12"), "+254712345678");
  assertEquals(toE164("tel:0712345678;phone-context=+254"), "+254712345678");
  assertEquals(toE164("tel:+254712345678;phone-context=+49"), "+254712345678");
  assertEquals(toE164("tel:0712345678;phone-context=example.com"), null);
  assertEquals(toE164("tel:0712345678", "KE"), "+254712345678");
  assertEquals(toE164("+254712345678 ext. 12"), "+254712345678");
  assertEquals(toE164("0712 345678 x9", "KE"), "+254712345678");
});

Deno.test("toE164() adds the plus that many platforms omit", () => {
  assertEquals(toE164("15083084809"), "+15083084809");
  assertEquals(toE164("254712345678"), "+254712345678");
  assertEquals(toE164("(254) 712-345678"), "+254712345678");
  assertEquals(toE164("299123456"), "+299123456");
  assertEquals(toE164("299123456", "KE"), "+299123456", "nobody in Kenya has this number");
});

Deno.test("toE164() reads 00, and a country's own prefix, as a plus", () => {
  for (const country of [undefined, "KE", "US", "DE", "AU"]) {
    assertEquals(toE164("00254712345678", country), "+254712345678", country);
  }
  assertEquals(toE164("011 254 712 345678", "US"), "+254712345678");
  assertEquals(toE164("0011254712345678", "AU"), "+254712345678");
});

Deno.test("toE164() drops a trunk zero after the country code", () => {
  for (const number of ["+254 (0) 712 345678", "+2540712345678", "+25400712345678"]) {
    assertEquals(toE164(number), "+254712345678", number);
  }
  assertEquals(toE164("+39 06 12345678"), "+390612345678", "in Italy it is part of the number");
});

Deno.test("toE164() reads a space before digits as an unencoded plus", () => {
  assertEquals(toE164(" 254712345678"), "+254712345678");
  assertEquals(toE164(" 254712345678", "DE"), "+254712345678");
  assertEquals(toE164("254712345678", "DE"), "+49254712345678", "Germans have such numbers");
  assertEquals(toE164(" 50021000"), "+50021000");
  assertEquals(toE164("%2B254712345678"), "+254712345678");
  assertEquals(toE164(" 0712345678", "KE"), "+254712345678");
});

Deno.test("toE164() reads national numbers only if a country is set", () => {
  assertEquals(toE164("0712345678", "KE"), "+254712345678");
  assertEquals(toE164("712345678", "KE"), "+254712345678");
  assertEquals(toE164("0712345678"), null);
  assertEquals(toE164("+15083084809", "KE"), "+15083084809");
  assertEquals(toE164("15083084809", "KE"), "+15083084809");
  assertEquals(toE164("(508) 308-4809", "US"), "+15083084809");
  assertEquals(toE164("21000", "FK"), "+50021000", "nobody there has more digits");
});

Deno.test("toE164() reads digits and plus signs of any script, and ignores invisible marks", () => {
  assertEquals(toE164("＋２５４ ７１２ ３４５６７８"), "+254712345678");
  assertEquals(toE164("\u202a+254\u00a0712\u202f345\u2011678\u202c"), "+254712345678");
  assertEquals(toE164("𝟎𝟕𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "KE"), "+254712345678");
  const scripts = ["arab", "arabext", "beng", "deva", "thai", "khmr", "mymr", "tibt", "fullwide"];
  for (const script of scripts) {
    const format = new Intl.NumberFormat(`en-u-nu-${script}`, { useGrouping: false });
    const digits = format.format(254712345678);
    assertNotEquals(digits, "254712345678", script);
    assertEquals(toE164(`+${digits}`), "+254712345678", script);
  }
});

Deno.test("toE164() accepts the form of E.164 outside any known numbering plan", () => {
  assertEquals(toE164("+712345678"), "+712345678");
  assertEquals(toE164("+999123456789"), "+999123456789");
  assertEquals(toE164("00999123456789"), "+999123456789");
  for (const none of ["+1", "+0712345678", "+1234567", "+1234567890123456", "999123456789"]) {
    assertEquals(toE164(none), null, none);
  }
});

Deno.test("toE164() returns null for extensions, names and nonsense", () => {
  assertEquals(toE164("49301234"), null, "too short to be taken for one that lacks its plus");
  for (const date of ["2026-11-21", "21.11.2026", "1795248000"]) assertEquals(toE164(date), null);
  const none = [
    ...["1001", "5000", "", " ", "anonymous", "sip:bob@example.com", "+", "+1", "0", "🙂", "112"],
    ...["alice", "alice-254712345678", "user:254712345678", "254712345678/alice", "*100#", "x12"],
    ...["192.168.10.201", "²54712345678", "1e12", "++254712345678"],
    ...["254+712345678", "0x254712345678", "web-dashboard", "%", "%zz", "a".repeat(10_000)],
    "8d0f5b5e-2547-4123-8456-780123456789",
    "1".repeat(10_000),
  ];
  for (const number of none) {
    for (const country of [undefined, "KE", "DE", "US"]) {
      assertEquals(toE164(number, country), null, `${number.slice(0, 50)} in ${country}`);
      assertEquals(e164OrText(number, country), number);
    }
  }
});

Deno.test("isWrittenLikeNumber() distinguishes numbers of any country from words", () => {
  for (const text of ["0712345678", "5000", "tel:0712345678"]) {
    assertEquals(isWrittenLikeNumber(text), true);
  }
  for (const text of ["nobody", "", "+", "0712-FLOWERS"]) {
    assertEquals(isWrittenLikeNumber(text), false);
  }
});

Deno.test("isCountry() accepts the countries that have numbers", () => {
  assertEquals(["KE", "GB", "XK"].map(isCountry), [true, true, true]);
  assertEquals(["XX", "ke", "", "constructor"].map(isCountry), [false, false, false, false]);
});

Deno.test("toE164() is idempotent, and needs no country the second time", () => {
  const country = fc.constantFrom(undefined, "KE", "US", "DE", "AR", "IT", "GL", "BR");
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.stringMatching(/^[+ 0]{0,3}[0-9()\-. ]{4,20}$/),
    fc.stringMatching(/^\+[1-9][0-9]{4,16}$/),
  );
  fc.assert(
    fc.property(text, country, country, (written, here, there) => {
      const number = toE164(written, here);
      if (number === null) return;
      assertEquals(toE164(number, there), number);
      assertEquals(toE164(number.replace("+", "%2B"), there), number);
    }),
    { numRuns: 2000, examples: [["000000--- ", "DE", undefined]] },
  );
});

Deno.test("toE164() ignores separators between digits", () => {
  const between = fc.array(
    fc.constantFrom("", " ", "-", ".", "/", "(", ")", "\u00a0", "\u200e", "–"),
    {
      minLength: 12,
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(between, (marks) => {
      const spelling = `+${[..."254712345678"].map((digit, at) => digit + marks[at]).join("")}`;
      assertEquals(toE164(spelling), "+254712345678", spelling);
      assertEquals(toE164(spelling.slice(1)), "+254712345678", spelling);
    }),
  );
});
