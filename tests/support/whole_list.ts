/**
 * Reads the pages of a store.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Part } from "../../store/pages.ts";

/** The items of a part of JSON. */
// deno-lint-ignore no-explicit-any
export function itemsOf({ items, count }: Part<unknown>): any[] {
  const found = JSON.parse(`[${new TextDecoder().decode(items)}]`);
  assertEquals(found.length, count);
  return found;
}

/** All items of a list, read in pages of `size` which have as many parts as they need. */
export async function wholeList<Key>(
  read: (after: Key | undefined, limit: number) => Promise<Part<Key>>,
  size: number,
  // deno-lint-ignore no-explicit-any
): Promise<any[]> {
  const items = [];
  let after: Key | undefined;
  let left = size;
  while (true) {
    const part = await read(after, left);
    assert(part.count <= left);
    items.push(...itemsOf(part));
    if (part.rest === "none") return items;
    left = part.rest === "some" ? size : left - part.count;
    after = part.seen;
  }
}
