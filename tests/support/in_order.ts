/**
 * What must come in an order, among lines of others that come when they like.
 * @module
 */
import { assertNotEquals } from "@std/assert";

/** Fails unless lines come that match these, one behind the other, whatever stands between them. */
export function assertInOrder(lines: readonly string[], ...patterns: readonly RegExp[]): void {
  let from = 0;
  for (const pattern of patterns) {
    const at = lines.findIndex((line, at) => at >= from && pattern.test(line));
    assertNotEquals(at, -1, `no line ${pattern} from line ${from} on in\n${lines.join("\n")}`);
    from = at + 1;
  }
}
