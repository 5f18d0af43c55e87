import { show } from "./format.ts";

/** Above this many comparisons the message shows both sides without a diff. */
const COMPARISONS_AT_MOST = 4_000_000;

/** The two values one under the other, line by line, as the body of a failure's message. */
export function diff(actual: unknown, expected: unknown): string {
  const [actualText, expectedText] = typeof actual === "string" && typeof expected === "string"
    ? textPair(actual, expected)
    : [show(actual), show(expected)];
  const lines = diffLines(actualText.split("\n"), expectedText.split("\n"));
  return `\n\n    [Diff] Actual / Expected\n\n\n${lines.join("\n")}\n`;
}

/** Compares long texts line by line; quotes short ones, so that blanks are visible. */
function textPair(actual: string, expected: string): [string, string] {
  if (!actual.includes("\n") && !expected.includes("\n")) {
    return [show(actual), show(expected)];
  }
  const visible = (text: string) => text.split("\n").map((line) => JSON.stringify(line)).join("\n");
  return [visible(actual), visible(expected)];
}

function diffLines(actual: string[], expected: string[]): string[] {
  const shortest = Math.min(actual.length, expected.length);
  let head = 0;
  while (head < shortest && actual[head] === expected[head]) head++;
  let tail = 0;
  while (
    tail < shortest - head && actual.at(-1 - tail) === expected.at(-1 - tail)
  ) tail++;
  return [
    ...actual.slice(0, head).map(same),
    ...diffMiddle(
      actual.slice(head, actual.length - tail),
      expected.slice(head, expected.length - tail),
    ),
    ...actual.slice(actual.length - tail).map(same),
  ];
}

function diffMiddle(actual: string[], expected: string[]): string[] {
  if (actual.length * expected.length > COMPARISONS_AT_MOST) {
    return [...actual.map(onlyActual), ...expected.map(onlyExpected)];
  }
  const common = commonLengths(actual, expected);
  const lines: string[] = [];
  let a = 0;
  let e = 0;
  while (a < actual.length || e < expected.length) {
    const fromActual = actual[a];
    const fromExpected = expected[e];
    if (fromActual !== undefined && fromActual === fromExpected) {
      lines.push(same(fromActual));
      a++;
      e++;
    } else if (
      fromExpected === undefined ||
      (fromActual !== undefined && common(a + 1, e) >= common(a, e + 1))
    ) {
      lines.push(onlyActual(fromActual!));
      a++;
    } else {
      lines.push(onlyExpected(fromExpected));
      e++;
    }
  }
  return lines;
}

/** For every pair of positions: the number of common lines from there on. */
function commonLengths(
  actual: string[],
  expected: string[],
): (a: number, e: number) => number {
  const width = expected.length + 1;
  const lengths = new Uint32Array((actual.length + 1) * width);
  const at = (a: number, e: number) => lengths[a * width + e] ?? 0;
  for (let a = actual.length - 1; a >= 0; a--) {
    for (let e = expected.length - 1; e >= 0; e--) {
      lengths[a * width + e] = actual[a] === expected[e]
        ? at(a + 1, e + 1) + 1
        : Math.max(at(a + 1, e), at(a, e + 1));
    }
  }
  return at;
}

function same(line: string): string {
  return `    ${line}`;
}

function onlyActual(line: string): string {
  return `-   ${line}`;
}

function onlyExpected(line: string): string {
  return `+   ${line}`;
}
