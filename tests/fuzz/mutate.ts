/**
 * Invalid messages: examples of a wire's schemas, changed here and there.
 * @module
 */
import { messagesOf, type Wire } from "../../session/wire.ts";
import type { SeededRandom } from "../torture/seeded_random.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Values of unexpected types. */
const HOSTILE: readonly string[] = [
  "null",
  "true",
  "0",
  "-0",
  "-1",
  "1e308",
  "1e999",
  "9007199254740993",
  '""',
  '" "',
  '"__proto__"',
  '"constructor"',
  '"\\ud800"',
  '"\\u0000\\u001b[31m\\r\\n"',
  '"completed"',
  "[]",
  "[[]]",
  "{}",
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"length":1e9}',
  "[".repeat(200) + "]".repeat(200),
  `"${"x".repeat(5000)}"`,
  `[${Array(300).fill(1).join()}]`,
];

const NOISE = [
  "{",
  "}",
  "[",
  "]",
  '"',
  "\\",
  ",",
  ":",
  "\u0000",
  "\ud800",
  "é",
  "😀",
  "e",
  "-",
  "9",
];

/** The examples of every message that a wire receives. */
export function examplesOf(wire: Wire): Json[] {
  return messagesOf(wire.heard).flatMap((schema) => (schema.meta()?.["examples"] ?? []) as Json[]);
}

/** One frame: text, mostly an example with some faults; now and then binary. */
export function mutated(
  examples: readonly Json[],
  random: SeededRandom,
): string | Uint8Array<ArrayBuffer> {
  if (random.happens(0.03)) return noiseOf(random);
  let text = written(random.one(examples)!, random, 0);
  while (random.happens(0.15)) text = garbled(text, random);
  return text;
}

/** Writes a value as JSON with faults in its members. */
function written(value: Json, random: SeededRandom, depth: number): string {
  if (depth > 0 && random.happens(0.06)) return random.one(HOSTILE)!;
  if (Array.isArray(value)) {
    const items = value.map((item) => written(item, random, depth + 1));
    if (items.length > 0 && random.happens(0.03)) items.push(items[0]!);
    return `[${items.join()}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members: string[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (random.happens(0.05)) continue;
    const said = random.happens(0.03) ? random.one(["__proto__", "", "toString", "data"])! : name;
    const text = `${JSON.stringify(said)}:${written(member, random, depth + 1)}`;
    members.push(text);
    if (random.happens(0.02)) members.push(text);
  }
  if (random.happens(0.03)) members.push(`"more":${random.one(HOSTILE)}`);
  if (random.happens(0.03)) members.reverse();
  return `{${members.join()}}`;
}

/** Changes a text without regard for its meaning. */
function garbled(text: string, random: SeededRandom): string {
  const at = random.whole(0, text.length);
  switch (random.whole(0, 3)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + random.one(NOISE) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + random.whole(1, 8));
    default:
      return text + text.slice(0, at);
  }
}

function noiseOf(random: SeededRandom): Uint8Array<ArrayBuffer> {
  const lengths = [0, 1, 2, 3, 319, 320, 321, 4000];
  return Uint8Array.from({ length: random.one(lengths)! }, () => random.whole(0, 255));
}
