/**
 * Reads request bodies within a size and a time: Deno's HTTP server limits neither.
 * @module
 */
import type { z } from "zod";
import { excessOfJson, JSON_BOUNDS, type JsonBounds } from "../session/json_bounds.ts";
import { FORM_TYPES, isForm, readForm } from "./forms.ts";
import { type FieldFault, Refused } from "./problem.ts";

/** JSON that holds too much. */
export class ExcessiveJson extends Refused {}

/** How many bytes of a body are read, for how long, and how much JSON may hold. */
export interface BodyLimits {
  readonly bytes: number;
  readonly ms: number;
  readonly json: JsonBounds;
}

/** The limits of routes that set none. */
export const BODY_LIMITS: BodyLimits = { bytes: 256 * 1024, ms: 10_000, json: JSON_BOUNDS };

/**
 * Parses and checks a body that `checkMediaType` lets pass: JSON, or a form where its header says so.
 * @throws {Refused} 400 does not match its header, 422 the wrong shape
 */
export async function parseBody<Schema extends z.ZodType>(
  headers: Headers,
  bytes: Uint8Array,
  schema: Schema,
  bounds?: JsonBounds,
): Promise<z.output<Schema>> {
  const type = headers.get("content-type") ?? "";
  const isJson = type === "" || JSON_TYPE.test(type);
  return isJson
    ? parseJson(bytes, schema, bounds)
    : check(schema, await readForm(type, bytes), "body");
}

/**
 * Refuses the body of an unsafe method that does not say that it is JSON, or a form where the route
 * takes forms: a page elsewhere can send any other body without asking first.
 * @throws {Refused} 415
 */
export function checkMediaType(headers: Headers, bytes: Uint8Array, forms = false): void {
  const type = headers.get("content-type") ?? "";
  if (JSON_TYPE.test(type) || (forms && isForm(type))) return;
  if (type === "" && bytes.byteLength === 0) return;
  const types = forms
    ? `one of ${["application/json", ...FORM_TYPES].join(", ")}`
    : "application/json";
  const given = type === "" ? "without a Content-Type" : type.slice(0, 80);
  throw new Refused(415, `The body must be ${types}, not ${given}`);
}

const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * Parses and checks a JSON body.
 * @throws {Refused} 400 not JSON, 422 the wrong shape or too deep
 */
export function parseJson<Schema extends z.ZodType>(
  bytes: Uint8Array,
  schema: Schema,
  bounds: JsonBounds = JSON_BOUNDS,
): z.output<Schema> {
  // A schema with a default accepts an empty body.
  if (bytes.byteLength === 0 && schema.safeParse(undefined).success) return schema.parse(undefined);
  let value: unknown;
  let excess: string | undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    excess = excessOfJson(text, bounds);
    if (excess === undefined) value = JSON.parse(text);
  } catch {
    throw new Refused(400, "The body is not JSON in UTF-8");
  }
  if (excess !== undefined) throw new ExcessiveJson(422, `The body is too large: ${excess}`);
  return check(schema, value, "body");
}

/**
 * Checks a value from outside.
 * @throws {Refused} 422, or this status, with every wrong field
 */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: "body" | "query",
  status: 400 | 422 = 422,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = fieldFaults(parsed.error.issues, value);
  throw new Refused(
    status,
    `The ${what} is invalid: ${errors.length} ${errors.length === 1 ? "fault" : "faults"}`,
    { errors },
  );
}

/**
 * Reads a body of at most `limits.bytes` bytes within `limits.ms` milliseconds.
 * @throws {Refused} 400 the connection broke, 408 too slow, 413 too large
 */
export async function readBytes(
  request: Request,
  limits: Pick<BodyLimits, "bytes" | "ms"> = BODY_LIMITS,
): Promise<Uint8Array> {
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let slow = false;
  const deadline = setTimeout(() => {
    slow = true;
    reader.cancel().catch(() => {});
  }, limits.ms);
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      bytes += read.value.byteLength;
      if (bytes > limits.bytes) {
        // Not cancelled: Deno would read on, to the end of the body.
        reader.releaseLock();
        throw new Refused(413, `The body has more than ${limits.bytes} bytes`);
      }
      chunks.push(read.value);
    }
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(400, "The body is incomplete: the connection broke");
  } finally {
    clearTimeout(deadline);
  }
  if (slow) throw new Refused(408, `The body did not arrive within ${limits.ms} ms`);
  return await new Blob(chunks as BlobPart[]).bytes();
}

type Issue = z.core.$ZodIssue;

function fieldFaults(issues: readonly Issue[], value: unknown): FieldFault[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "invalid_union" || issue.errors.length === 0) {
      return [{ field: issue.path.join("."), message: issue.message }];
    }
    // Report the variant of the union that misses the fewest fields.
    const at = issue.path.reduce<unknown>(member, value);
    const missing = (faults: readonly Issue[]) =>
      faults.filter(({ path }) => path.reduce<unknown>(member, at) === undefined).length;
    const meant = issue.errors.toSorted((one, other) => missing(one) - missing(other))[0]!;
    return fieldFaults(meant, at).map(({ field, message }) => ({
      field: [...issue.path, ...(field === "" ? [] : [field])].join("."),
      message,
    }));
  });
}

function member(value: unknown, name: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
