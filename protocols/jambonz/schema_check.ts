/**
 * Checks verbs by jambonz's own JSON Schemas, strictly: a property that no schema names is a fault,
 * even without `additionalProperties`.
 * @module
 */
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import * as verbSchemas from "./verb_schemas.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

const VERBS = "https://jambonz.org/schema/verbs/";
const schemas = new Map(
  Object.values<JsonSchema>(verbSchemas).map((schema) => [String(schema["$id"]), schema]),
);
let ajv: Ajv2020 | undefined;

/** Whether jambonz has a schema of this verb. */
export function hasSchema(verb: string): boolean {
  return schemas.has(VERBS + verb);
}

/** What is wrong with a verb that has a schema; undefined when it fits. */
export function faultBySchema(name: string, verb: unknown): string | undefined {
  const id = VERBS + name;
  // Created when needed: few apps use a verb that the verb specifications do not know.
  ajv ??= strictAjv();
  const validate = ajv.getSchema(`${id}#strict`) ?? ajv.compile({
    ...closed({ $ref: id }, id),
    $id: `${id}#strict`,
  });
  // JSON has no undefined properties.
  if (validate(JSON.parse(JSON.stringify(verb)))) return undefined;
  return faultOf(validate.errors?.at(-1));
}

function strictAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, validateFormats: false });
  for (const [id, schema] of schemas) ajv.addSchema(insideClosed(schema, id) as JsonSchema);
  return ajv;
}

/** Closes the schema of a whole value: it refuses properties that none of its parts names. */
function closed(schema: JsonSchema, id: string): JsonSchema {
  const inside = insideClosed(schema, id) as JsonSchema;
  return names(schema, id) ? { ...inside, unevaluatedProperties: false } : inside;
}

/** Closes the schemas below this one that are for whole values: properties and items. */
function insideClosed(value: unknown, id: string): unknown {
  if (Array.isArray(value)) return value.map((each) => insideClosed(each, id));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([keyword, operand]) => {
      if (keyword === "properties") {
        const places = Object.entries(operand as Readonly<Record<string, JsonSchema>>);
        return [keyword, Object.fromEntries(places.map(([key, each]) => [key, closed(each, id)]))];
      }
      const isPlace = (keyword === "items" || keyword === "additionalProperties") &&
        isObject(operand);
      return [keyword, isPlace ? closed(operand, id) : insideClosed(operand, id)];
    }),
  );
}

/** Whether a schema names properties, itself or through subschemas for the same value. */
function names(schema: JsonSchema, id: string): boolean {
  if (schema["properties"] !== undefined) return true;
  const parts = ["allOf", "anyOf", "oneOf"].flatMap((keyword) => schema[keyword] ?? []);
  if (typeof schema["$ref"] === "string") {
    const { href, hash } = new URL(schema["$ref"], id);
    const document = href.slice(0, href.length - hash.length);
    const keys = hash.slice(1).split("/").slice(1);
    const root = schemas.get(document)!;
    const referred = keys.reduce((at, key) => at[key] as JsonSchema, root);
    if (names(referred, document)) return true;
  }
  return (parts as JsonSchema[]).some((part) => names(part, id));
}

function faultOf(error: ErrorObject | undefined): string {
  const { instancePath = "", params = {}, message = "does not fit" } = error ?? {};
  const path = instancePath.slice(1).replaceAll("/", ".");
  const fault = "unevaluatedProperty" in params
    ? `unknown property ${params["unevaluatedProperty"]}`
    : "missingProperty" in params
    ? `${params["missingProperty"]} is missing`
    : message;
  return path === "" ? fault : `${path}: ${fault}`;
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
