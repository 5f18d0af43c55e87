import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { hashOf, KEY_PATTERN, keyIdIn, newKeyId, newKeyText } from "../../access/key_text.ts";

Deno.test("newKeyText() has a form that secret scanners recognise, and a readable id", () => {
  for (let round = 0; round < 1000; round++) {
    const id = newKeyId();
    const text = newKeyText(id);
    assertMatch(text, KEY_PATTERN);
    assertEquals(text.length, 64);
    assertEquals(keyIdIn(text), id);
  }
});

Deno.test("newKeyText() returns a different text each time, even for the same id", () => {
  assertNotEquals(newKeyText("0123456789"), newKeyText("0123456789"));
  assertEquals(newKeyId("operation 1"), newKeyId("operation 1"));
  assertNotEquals(newKeyId("operation 1"), newKeyId("operation 2"));
  assertNotEquals(newKeyId(), newKeyId());
});

Deno.test("keyIdIn() refuses a key with any character wrong, missing or extra", () => {
  const text = newKeyText(newKeyId());
  for (let at = 0; at < text.length; at++) {
    const other = text[at] === "x" ? "y" : "x";
    assertEquals(keyIdIn(text.slice(0, at) + other + text.slice(at + 1)), undefined);
    assertEquals(keyIdIn(text.slice(0, at) + text.slice(at + 1)), undefined);
  }
  for (const wrong of ["", "dev", `${text}0`, ` ${text}`, text.toUpperCase()]) {
    assertEquals(keyIdIn(wrong), undefined);
  }
});

Deno.test("keyIdIn() checks the checksum: CRC-32 of the text before it, in base62", () => {
  const body = `tpr_AAAAAAAAAA_${"0".repeat(43)}`;
  // Worked out with Python's zlib.crc32.
  assertEquals(keyIdIn(`${body}40TomD`), "AAAAAAAAAA");
});

Deno.test("hashOf() is SHA-256", () => {
  // The example of FIPS 180-2.
  const hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assertEquals(new Uint8Array(hashOf("abc")).toHex(), hash);
});
