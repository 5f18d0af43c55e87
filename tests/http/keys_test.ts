/** Keys in the query of a URL. */
import { assert, assertEquals } from "@std/assert";
import { Keys } from "../../http/keys.ts";

const keys = new Keys(["secret"]);

function shownBy(key: string): string | undefined {
  const url = new URL("http://127.0.0.1/jambonz");
  url.searchParams.set("key", key);
  return keys.shownBy(new Request(url), url);
}

for (
  const [shown, key] of [
    ["secret", "secret"],
    ["secret/adulting", "secret"],
    ["secret//adulting/adulting", "secret"],
    ["secret/adultin", undefined],
    ["secret/", undefined],
    ["/adulting", undefined],
  ] as const
) {
  Deno.test(`a key in the query is found in ${shown}, or is not`, () => {
    assertEquals(shownBy(shown), key);
  });
}

Deno.test("a key of many slashes is checked in linear time", () => {
  const startedMs = performance.now();
  assertEquals(shownBy(`${"/".repeat(300_000)}x`), undefined);
  // It once took half a minute. The limit is generous even for a busy machine.
  assert(performance.now() - startedMs < 2000);
});
