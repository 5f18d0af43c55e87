/**
 * Asserts the order of some lines among others.
 * @module
 */
import { assertNotEquals } from "@std/assert";

/** Fails unless lines match these in order, with any lines between them. */
export function assertInOrder(lines: readonly string[], ...patterns: readonly RegExp[]): void {
  let from = 0;
  for (const pattern of patterns) {
    const at = lines.findIndex((line, at) => at >= from && pattern.test(line));
    assertNotEquals(at, -1, `no line ${pattern} from line ${from} on in\n${lines.join("\n")}`);
    from = at + 1;
  }
}
