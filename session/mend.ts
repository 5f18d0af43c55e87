/**
 * Mends values that a schema refuses: reads null as missing and a number as text, omits the rest, and
 * names the invalid fields.
 * @module
 */
import type { z } from "zod";

/** A mended message. */
export interface Mended {
  readonly message: unknown;
  /** The names of the fields that were wrong, such as `data.digits`; a null is not wrong. */
  readonly fields: readonly string[];
}

/** With more faults than this, whole fields are left out instead of repaired. */
const FINE_REPAIRS = 8;
/** From this round on, top-level fields are left out. */
const FIELD_ROUNDS = 12;
const ROUNDS = 16;
/** Names below the second level may be the peer's own, such as keys of a record. */
const NAME_LEVELS = 2;

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Mends a copy of a message; undefined if nothing usable is left. */
export function mend(schema: z.ZodType, received: object): Mended | undefined {
  const value: unknown = structuredClone(received);
  const fields = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const parsed = schema.safeParse(value);
    if (parsed.success) return { message: parsed.data, fields: [...fields] };
    const { issues } = parsed.error;
    const [issue] = issues as [Issue];
    const isFine = round < FINE_REPAIRS && issues.length <= FINE_REPAIRS;
    const levels = isFine ? Infinity : round < FIELD_ROUNDS ? NAME_LEVELS : 1;
    const path = issue.path.slice(0, levels);
    if (!repair(value, issue, path, fields)) return undefined;
  }
  return undefined;
}

function repair(value: unknown, issue: Issue, path: Path, fields: Set<string>): boolean {
  const key = path.at(-1);
  if (key === undefined) return false;
  const within = path.slice(0, -1).reduce<unknown>(member, value) as Record<PropertyKey, unknown>;
  const found = member(within, key);
  if (found === undefined) {
    // A required member is missing, so the object that needs it goes.
    fields.add(fieldName(issue.path));
    return repair(value, issue, path.slice(0, -1), fields);
  }
  if (found !== null) fields.add(fieldName(issue.path));
  const text = path.length === issue.path.length ? asText(found, issue) : undefined;
  if (text !== undefined) within[key] = text;
  else if (Array.isArray(within)) within.splice(Number(key), 1);
  else delete within[key];
  return true;
}

function member(value: unknown, key: PropertyKey): unknown {
  const isObject = typeof value === "object" && value !== null;
  return isObject && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}

function asText(found: unknown, issue: Issue): string | undefined {
  if (issue.code !== "invalid_type" || issue.expected !== "string") return undefined;
  return ["number", "boolean"].includes(typeof found) ? String(found) : undefined;
}

/** The name of the field at a path, for logs: `data.digits`. */
export function fieldName(path: Path): string {
  return path.slice(0, NAME_LEVELS).filter((part) => typeof part === "string").join(".");
}
