/**
 * Generates bodies that match the schemas of an OpenAPI document, like a client that knows only the
 * document.
 * @module
 */
import fc from "fast-check";
import { AMOUNT_PATTERN } from "../../contracts/fields.ts";

/** A JSON Schema of the document. */
// deno-lint-ignore no-explicit-any
export type Schema = any;

/** More elements find no further faults. */
const MORE_ITEMS = 2;

/** The largest whole amount. No schema can express how many decimals a currency has. */
const MOST = 999_999_999;

/** The characters of texts: more than ASCII, and no surrogate pairs, which count twice. */
const CHARACTER = fc.constantFrom(..." aZ09-_.,:;/?&=%+*#\"'<>{}[]()|~`é中ا\u0000\n\t\u2028\ufeff");

/** Generates values that match a schema; `root` is the document of its references. */
export function fitting(schema: Schema, root: Schema): fc.Arbitrary<unknown> {
  const { $ref, anyOf, oneOf, ...rest } = schema;
  if ($ref !== undefined) return fitting({ ...target($ref, root), ...rest }, root);
  if (rest.const !== undefined) return fc.constant(rest.const);
  if (rest.enum !== undefined) return fc.constantFrom(...rest.enum);
  const variants: Schema[] | undefined = anyOf ?? oneOf;
  if (variants !== undefined && rest.properties === undefined) {
    return fc.oneof(...variants.map((variant) => fitting(variant, root)));
  }
  // Beside `properties`, `anyOf` says which members are required.
  if (variants !== undefined) {
    return fc.oneof(...variants.map((variant) => {
      const required = [...(rest.required ?? []), ...(variant.required ?? [])];
      return fitting({ ...rest, required }, root).filter((value) => has(value, variant));
    }));
  }
  return ofType(rest, root);
}

function ofType(schema: Schema, root: Schema): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
    case "number": {
      const { minimum, exclusiveMinimum = -1, maximum = MOST } = schema;
      const least = minimum ?? exclusiveMinimum + 1;
      return fc.integer({ min: Math.ceil(least), max: Math.min(MOST, Math.floor(maximum)) });
    }
    case "string":
      return text(schema);
    case "array":
      return fc.array(fitting(schema.items ?? {}, root), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? Infinity, (schema.minItems ?? 0) + MORE_ITEMS),
      });
    case "object":
      return object(schema, root);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function text({ pattern, format, minLength = 0, maxLength = Infinity }: Schema) {
  if (format === "date-time") return fc.date({ noInvalidDate: true }).map((at) => at.toISOString());
  const within = (made: string) => made.length >= minLength && made.length <= maxLength;
  if (pattern === AMOUNT_PATTERN) return fc.nat({ max: MOST }).map(String);
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter(within);
  return fc.string({ unit: CHARACTER, minLength, maxLength: Math.min(maxLength, minLength + 50) })
    .filter(within);
}

function object(schema: Schema, root: Schema): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties, examples } = schema;
  // The rest is up to another document, such as that of jambonz verbs: use the examples.
  if (additionalProperties !== undefined && examples !== undefined) {
    return fc.constantFrom(...examples);
  }
  const members = Object.entries(properties).map(([name, property]) => [
    name,
    fitting(property, root),
  ]);
  return fc.record(Object.fromEntries(members), { requiredKeys: required });
}

/** Whether the required members of a variant are present and of its types. */
function has(value: unknown, { type, required = [], properties = {} }: Schema): boolean {
  if (type === "string") return typeof value === "string";
  if (typeof value !== "object" || value === null) return false;
  const entries = new Map(Object.entries(value));
  return required.every((name: string) => entries.has(name)) &&
    Object.entries(properties).every(([name, property]) =>
      !entries.has(name) || has(entries.get(name), property)
    );
}

function target(reference: string, root: Schema): Schema {
  return reference.replace("#/", "").split("/").reduce((at, name) => at[name], root);
}
