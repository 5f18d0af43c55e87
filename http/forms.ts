/**
 * Bodies of forms, for routes whose visitors cannot send JSON: as URL-encoded text, and in parts.
 * @see https://url.spec.whatwg.org/#application/x-www-form-urlencoded
 * @see RFC 7578
 * @module
 */
import { excessOfJson } from "../session/json_bounds.ts";
import { Refused } from "./problem.ts";

/** The media types of forms. */
export const FORM_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data"] as const;

/** More fields than any provider has. */
const MAX_FIELDS = 200;

/** Each part has one; texts and files of a form may have some more. */
const MAX_BLANK_LINES = 5 * MAX_FIELDS;

/** `requestMetadata[payment_id]` goes one level deep; no provider goes deeper than this. */
const MAX_DEPTH = 4;

/** Whether a content type is that of a form. */
export function isForm(contentType: string): boolean {
  return FORM_TYPES.some((type) => new RegExp(`^${type}\\s*(;|$)`, "i").test(contentType));
}

/**
 * A form as the object that JSON would have been. Names with brackets or dots are members of
 * members, and a text that is a JSON object is that object. Files and empty fields are left out. A
 * field that comes twice with different texts is a list of them, which no text field takes.
 * @throws {Refused} 400 for what is no form, 413 for too many fields
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
  // Reading parts takes far longer than counting the blank lines behind their headers.
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

/** `a[b][c]` and `a.b.c` are c in b in a; what is written otherwise is one name. */
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

/** Names come from outside: `__proto__` is one like any other. */
function emptyObject(): Record<string, unknown> {
  return Object.create(null);
}
