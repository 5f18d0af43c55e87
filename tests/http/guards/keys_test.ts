/** Keys in the query of a URL. */
import { assert, assertEquals } from "@std/assert";
import { shownKeys } from "../../../http/guards/keys.ts";

function shownBy(key: string): string[] {
  const url = new URL("http://127.0.0.1/jambonz");
  url.searchParams.set("key", key);
  return shownKeys(new Headers(), url);
}

for (
  const [shown, isThere] of [
    ["secret", true],
    ["secret/adulting", true],
    ["secret//adulting/adulting", true],
    ["secret/adultin", false],
    ["secret/", false],
    ["/adulting", false],
  ] as const
) {
  Deno.test(`a key in the query is found in ${shown}, or is not`, () => {
    assertEquals(shownBy(shown).includes("secret"), isThere);
  });
}

Deno.test("a key with many slashes is read in linear time", () => {
  const startedMs = performance.now();
  const text = `${"/".repeat(300_000)}x`;
  assertEquals(shownBy(text), [text, text]);
  // It once took half a minute. The limit is generous even for a busy machine.
  assert(performance.now() - startedMs < 2000);
});
