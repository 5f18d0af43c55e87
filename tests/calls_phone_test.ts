import { assertEquals } from "@std/assert";
import { toE164 } from "../calls/phone.ts";

Deno.test("toE164() keeps a number that is in E.164, however it is spaced", () => {
  for (const number of ["+15083084809", " +1 508-308-4809 ", "+1 (508) 308 4809"]) {
    assertEquals(toE164(number), "+15083084809");
  }
});

Deno.test("toE164() reads what SIP says", () => {
  assertEquals(toE164("sip:+15083084809@203.0.113.5"), "+15083084809");
  assertEquals(toE164("sips:+15083084809@example.com;user=phone"), "+15083084809");
  assertEquals(toE164("15083084809@example.com"), "+15083084809");
});

Deno.test("toE164() adds the plus that many platforms leave away", () => {
  assertEquals(toE164("15083084809"), "+15083084809");
  assertEquals(toE164("254712345678"), "+254712345678");
});

Deno.test("toE164() reads national numbers where a country is set, and only there", () => {
  assertEquals(toE164("0712345678", "KE"), "+254712345678");
  assertEquals(toE164("0712345678"), null);
  assertEquals(toE164("+15083084809", "KE"), "+15083084809");
  assertEquals(toE164("15083084809", "KE"), "+15083084809");
});

Deno.test("toE164() has nothing for extensions, names and nonsense", () => {
  assertEquals(toE164("49301234"), null, "too short to be taken for one that lacks its plus");
  const none = ["1001", "5000", "", " ", "anonymous", "sip:bob@example.com", "+", "+1", "0", "🙂"];
  for (const number of none) {
    assertEquals(toE164(number), null, number);
    assertEquals(toE164(number, "KE"), null, number);
  }
});
