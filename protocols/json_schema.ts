/**
 * Checks values by foreign JSON Schemas, strictly: a property that no schema names is a fault, even
 * without `additionalProperties`. An undefined property counts as missing.
 * @module
 */

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Schemas that refer to each other by their `$id`. */
export class JsonSchemas {
  readonly #byId = new Map<string, JsonSchema>();

  /** @param schemas each with its `$id`, a URL */
  constructor(schemas: readonly JsonSchema[]) {
    for (const schema of schemas) this.#byId.set(String(schema["$id"]), schema);
  }

  /** Whether there is a schema of this id. */
  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /**
   * What is wrong with this JSON value, or undefined when it fits.
   * @throws {Error} for a missing schema, or a keyword that is not supported here
   */
  faultOf(id: string, value: unknown): string | undefined {
    return this.#faultOf({ schema: this.#document(id), id }, value, "");
  }

  /** The fault of a whole value, whose properties the schemas must have named. */
  #faultOf(place: Place, value: unknown, path: string): string | undefined {
    const names = new Names();
    const fault = this.#apply(place, value, path, names);
    if (fault !== undefined || !isObject(value)) return fault;
    const unknown = Object.keys(value).find((key) => value[key] !== undefined && !names.has(key));
    return unknown === undefined ? undefined : said(path, `unknown property ${unknown}`);
  }

  #apply(place: Place, value: unknown, path: string, names: Names): string | undefined {
    const { schema, id } = place;
    for (const [keyword, operand] of Object.entries(schema)) {
      if (ANNOTATIONS.has(keyword)) continue;
      const asserted = ASSERTIONS[keyword];
      const fault = asserted === undefined
        ? this.#applyWithin(keyword, operand, { place, value, path, names })
        : asserted(operand, value);
      if (fault !== undefined) return asserted === undefined ? fault : said(path, fault);
    }
    // `then` belongs to `if`.
    if (schema["if"] !== undefined && schema["then"] !== undefined) {
      const met = new Names();
      const condition = { schema: schema["if"] as JsonSchema, id };
      if (this.#apply(condition, value, path, met) !== undefined) return undefined;
      names.add(met);
      return this.#apply({ schema: schema["then"] as JsonSchema, id }, value, path, names);
    }
    return undefined;
  }

  #applyWithin(keyword: string, operand: unknown, to: Applied): string | undefined {
    const { place: { schema, id }, value, path, names } = to;
    const within = (schema: unknown): Place => ({ schema: schema as JsonSchema, id });
    switch (keyword) {
      case "$ref":
        return this.#apply(this.#referred(operand as string, id), value, path, names);
      case "allOf":
        for (const each of operand as JsonSchema[]) {
          const fault = this.#apply(within(each), value, path, names);
          if (fault !== undefined) return fault;
        }
        return undefined;
      case "oneOf":
      case "anyOf": {
        const fitting = (operand as JsonSchema[]).flatMap((each) => {
          const met = new Names();
          return this.#apply(within(each), value, path, met) === undefined ? [met] : [];
        });
        for (const met of fitting) names.add(met);
        if (fitting.length === 1 || (keyword === "anyOf" && fitting.length > 0)) return undefined;
        return said(path, `fits ${fitting.length} of ${(operand as JsonSchema[]).length} forms`);
      }
      case "not": {
        const fault = this.#apply(within(operand), value, path, new Names());
        return fault === undefined ? said(path, "is excluded") : undefined;
      }
      case "items":
        return this.#firstFault(Array.isArray(value) ? value.entries() : [], within(operand), path);
      case "properties": {
        const properties = operand as Readonly<Record<string, JsonSchema>>;
        names.list(Object.keys(properties));
        if (!isObject(value)) return undefined;
        for (const [key, property] of Object.entries(properties)) {
          if (value[key] === undefined) continue;
          const fault = this.#faultOf(within(property), value[key], below(path, key));
          if (fault !== undefined) return fault;
        }
        return undefined;
      }
      case "additionalProperties": {
        const properties = schema["properties"] ?? {};
        if (operand === true) return names.open();
        if (operand === false) names.list([]);
        const further = Object.entries(isObject(value) ? value : {})
          .filter(([key, each]) => each !== undefined && !Object.hasOwn(properties, key));
        if (operand !== false) {
          names.open();
          return this.#firstFault(further, within(operand), path);
        }
        return further[0] && said(path, `unknown property ${further[0][0]}`);
      }
    }
    throw new Error(`Cannot check JSON Schema ${id}: the keyword ${keyword} is not supported`);
  }

  #firstFault(
    entries: Iterable<[string | number, unknown]>,
    place: Place,
    path: string,
  ): string | undefined {
    for (const [key, each] of entries) {
      const fault = this.#faultOf(place, each, below(path, key));
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #referred(reference: string, from: string): Place {
    const { href, hash } = new URL(reference, from);
    const id = href.slice(0, href.length - hash.length);
    const keys = hash.slice(1).split("/").slice(1);
    const schema = keys.reduce((at, key) => at[key] as JsonSchema, this.#document(id));
    return { schema, id };
  }

  #document(id: string): JsonSchema {
    const schema = this.#byId.get(id);
    if (schema === undefined) throw new Error(`Cannot find JSON Schema ${id}`);
    return schema;
  }
}

interface Place {
  readonly schema: JsonSchema;
  /** The document of the schema, which references start from. */
  readonly id: string;
}

interface Applied {
  readonly place: Place;
  readonly value: unknown;
  readonly path: string;
  readonly names: Names;
}

/** The property names that the schemas of one object name; all names where they name none. */
class Names {
  readonly #known = new Set<string>();
  #lists = false;
  #isOpen = false;

  list(keys: readonly string[]): void {
    this.#lists = true;
    for (const key of keys) this.#known.add(key);
  }

  open(): undefined {
    this.#isOpen = true;
  }

  add(other: Names): void {
    if (other.#lists) this.list([...other.#known]);
    this.#isOpen ||= other.#isOpen;
  }

  has(key: string): boolean {
    return this.#isOpen || !this.#lists || this.#known.has(key);
  }
}

/** Keywords that refuse nothing; `if` and `then` are read together. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  ...["$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default"],
  ...["format", "minVersion", "if", "then"],
]);

const ASSERTIONS: Readonly<
  Record<string, (operand: unknown, value: unknown) => string | undefined>
> = {
  type(operand, value) {
    const types = [operand].flat() as string[];
    return types.some((type) => isOfType(type, value)) ? undefined : `is not ${types.join(" or ")}`;
  },
  const: (operand, value) => value === operand ? undefined : `is not ${JSON.stringify(operand)}`,
  enum(operand, value) {
    return (operand as unknown[]).includes(value) ? undefined : `is none of ${operand}`;
  },
  required(operand, value) {
    if (!isObject(value)) return undefined;
    const missing = (operand as string[]).find((key) => value[key] === undefined);
    return missing === undefined ? undefined : `${missing} is missing`;
  },
  minimum: (operand, value) =>
    typeof value === "number" && value < Number(operand) ? `is below ${operand}` : undefined,
  maximum: (operand, value) =>
    typeof value === "number" && value > Number(operand) ? `is above ${operand}` : undefined,
  minLength: (operand, value) =>
    typeof value === "string" && [...value].length < Number(operand) ? "is too short" : undefined,
  maxLength: (operand, value) =>
    typeof value === "string" && [...value].length > Number(operand) ? "is too long" : undefined,
  minItems: (operand, value) =>
    Array.isArray(value) && value.length < Number(operand) ? "has too few items" : undefined,
  maxItems: (operand, value) =>
    Array.isArray(value) && value.length > Number(operand) ? "has too many items" : undefined,
  pattern: (operand, value) =>
    typeof value === "string" && !new RegExp(String(operand), "u").test(value)
      ? `does not match ${operand}`
      : undefined,
};

function isOfType(type: string, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return Number.isInteger(value);
  const name: string = typeof value;
  return name === type;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function below(path: string, key: string | number): string {
  return path === "" ? `${key}` : `${path}.${key}`;
}

function said(path: string, fault: string): string {
  return path === "" ? fault : `${path}: ${fault}`;
}
