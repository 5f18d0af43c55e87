/**
 * Reads the bodies of forms, URL-encoded or multipart, for clients that cannot send JSON.
 * @see https://url.spec.whatwg.org/#application/x-www-form-urlencoded
 * @see RFC 7578
 * @module
 */
import { excessOfJson } from "../session/json_bounds.ts";
import { Refused } from "./problem.ts";

/** The media types of forms. */
export const FORM_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data"] as const;

/** More fields than any provider sends. */
const MAX_FIELDS = 200;

/** Each part has one; texts and files may contain more. */
const MAX_BLANK_LINES = 5 * MAX_FIELDS;

/** `requestMetadata[payment_id]` is two levels; no provider sends more than four. */
const MAX_DEPTH = 4;

/** Whether a content type is a form's. */
export function isForm(contentType: string): boolean {
  return FORM_TYPES.some((type) => new RegExp(`^${type}\\s*(;|$)`, "i").test(contentType));
}

/**
 * Reads a form into the object that the same body in JSON would give. Brackets and dots in a name
 * mean nested members; a text that is a JSON object becomes that object. Files and empty fields are
 * skipped. A field sent twice with different texts becomes a list, which no text field accepts.
 * @throws {Refused} 400 for a body that is no form, 413 for too many fields
 */
export async function readForm(
  contentType: string,
  bytes: Uint8Array,
): Promise<Record<string, unknown>> {
  const read = /^multipart/i.test(contentType) ? readParts : readUrlEncoded;
  const form = emptyObject();
  for (const [name, text] of await read(bytes, contentType)) {
    if (text !== "") put(form, pathOf(name), valueOf(text));
  }
  return form;
}

type Field = readonly [name: string, text: string];

function readUrlEncoded(bytes: Uint8Array): Field[] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refused(400, "The body is not a form in UTF-8");
  }
  checkCount(text.split("&", MAX_FIELDS + 1).length);
  return [...new URLSearchParams(text)];
}

async function readParts(bytes: Uint8Array, contentType: string): Promise<Field[]> {
  // Counting the blank lines behind headers is far cheaper than parsing the parts.
  const blankLines = new TextDecoder("latin1").decode(bytes).split("\r\n\r\n", MAX_BLANK_LINES + 2);
  checkCount(blankLines.length > MAX_BLANK_LINES + 1 ? Infinity : 0);
  let parts: FormData;
  try {
    const headers = { "content-type": contentType };
    parts = await new Response(bytes as Uint8Array<ArrayBuffer>, { headers }).formData();
  } catch {
    throw new Refused(400, "The body is not multipart/form-data with the boundary of its header");
  }
  const fields = [...parts];
  checkCount(fields.length);
  return fields.filter((field): field is [string, string] => typeof field[1] === "string");
}

function checkCount(fields: number): void {
  if (fields > MAX_FIELDS) throw new Refused(413, `The form has more than ${MAX_FIELDS} fields`);
}

/** `a[b][c]` and `a.b.c` mean c in b in a; any other notation is one name. */
function pathOf(name: string): readonly string[] {
  const path = name.split(/\]?[[.]|\]$/).filter((part) => part !== "");
  return /^[^[\].]+(\[[^[\].]+\])*$|^[^[\].]+(\.[^[\].]+)*$/.test(name) && path.length <= MAX_DEPTH
    ? path
    : [name];
}

function valueOf(text: string): unknown {
  if (!/^\s*\{/.test(text) || excessOfJson(text) !== undefined) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function put(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = "", ...rest] = path;
  const before = Object.hasOwn(object, name) ? object[name] : undefined;
  if (rest.length > 0) {
    if (before !== undefined && !isObject(before)) return;
    put(before ?? (object[name] = emptyObject()) as Record<string, unknown>, rest, value);
  } else if (before === undefined) object[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else if (before !== value) object[name] = [before, value];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Without a prototype: names come from outside, and `__proto__` is only a name. */
function emptyObject(): Record<string, unknown> {
  return Object.create(null);
}
