/**
 * Adds titles to schemas that have none: code generators name types by them, and people read them.
 * @module
 */

type Json = Record<string, unknown>;

/** Keywords that hold one schema, with the suffix for its title. */
const SINGLE: Readonly<Record<string, string>> = {
  additionalProperties: "Member",
  contains: "Item",
  items: "Item",
  not: "Not",
  propertyNames: "Name",
};

/** Keywords that hold a list of schemas. */
const LISTS = ["allOf", "anyOf", "items", "oneOf", "prefixItems"];

/**
 * Adds a title to a schema and to every schema in it. One with a title keeps it; titles of members
 * begin with it: `SessionNew` has the member `SessionNewData`.
 */
export function titled(schema: unknown, title: string): Json {
  const json = schema as Json;
  const own = typeof json["title"] === "string" ? json["title"] : title;
  return { title: own, ...Object.fromEntries(parts(json, own)) };
}

function parts(json: Json, title: string): [string, unknown][] {
  return Object.entries(json).map(([keyword, value]) => {
    if (keyword === "properties" || keyword === "patternProperties") {
      const named = Object.entries(value as Json).map(([name, property]) => [
        name,
        titled(property, title + pascal(name)),
      ]);
      return [keyword, Object.fromEntries(named)];
    }
    if (LISTS.includes(keyword) && Array.isArray(value)) {
      return [keyword, value.map((one, index) => titled(one, variant(one, title, index)))];
    }
    const suffix = SINGLE[keyword];
    if (suffix === undefined || typeof value !== "object" || value === null) {
      return [keyword, value];
    }
    return [keyword, titled(value, title + suffix)];
  });
}

/** Names a variant of a union by its type if that is enough: `DurationString`, `DurationNull`. */
function variant(schema: unknown, title: string, index: number): string {
  const { type } = schema as Json;
  return title +
    (typeof type === "string" && type !== "object" ? pascal(type) : `Variant${index + 1}`);
}

/** `call_sid` as `CallSid`. */
export function pascal(name: string): string {
  return name.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
}

/** `SessionNew` as `Session new`. */
export function words(name: string): string {
  const [first = "", ...rest] = name.split(/(?<=[a-z0-9])(?=[A-Z])/);
  return [first, ...rest.map((word) => word.toLowerCase())].join(" ");
}
