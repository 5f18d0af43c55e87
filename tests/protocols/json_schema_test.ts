/** The reader of JSON Schemas against Ajv, over the verbs of jambonz's own schemas. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as verbSchemas from "../../protocols/jambonz/verb_schemas.ts";
import { type JsonSchema, JsonSchemas } from "../../protocols/json_schema.ts";

const schemas = Object.values<JsonSchema>(verbSchemas);
const ours = new JsonSchemas(schemas);
const ajv = new Ajv2020({ strict: false, validateSchema: false, validateFormats: false });
for (const schema of schemas) ajv.addSchema(schema);

const closed = new Map<string, (value: unknown) => unknown>();

/** Ajv's reading, which refuses properties that no schema of the verb itself names. */
function ajvTakes(id: string, value: unknown): boolean {
  if (!closed.has(id)) closed.set(id, ajv.compile({ $ref: id, unevaluatedProperties: false }));
  return closed.get(id)!(value) as boolean;
}

const verbs = schemas.filter(({ $id }) => String($id).includes("/verbs/"));
const examples = verbs.flatMap(({ $id, examples }) =>
  ((examples ?? []) as JsonSchema[]).map((example) => [String($id), example] as const)
);

Deno.test("JsonSchemas takes every example of the verbs that Ajv takes", () => {
  assert(examples.length > 50, `${examples.length} examples`);
  const fitting = examples.filter(([id, example]) => ajvTakes(id, example));
  assert(fitting.length > 45, `${fitting.length} examples fit`);
  for (const [id, example] of fitting) assertEquals(ours.faultOf(id, example), undefined, id);
});

Deno.test("JsonSchemas refuses what Ajv refuses, and else only names that nobody knows", () => {
  let [taken, refused] = [0, 0];
  for (const [id, example] of examples) {
    for (const changed of changesOf(example)) {
      const fault = ours.faultOf(id, changed);
      const takes = ajvTakes(id, changed);
      const what = `${id} ${JSON.stringify(changed)}: ${fault}`;
      if (fault === undefined) assert(takes, what);
      // Ajv leaves the objects within a verb open.
      else if (takes) assertStringIncludes(fault, "unknown property", what);
      if (takes) taken++;
      else refused++;
    }
  }
  assert(taken > 500 && refused > 2000, `${taken} taken, ${refused} refused`);
});

Deno.test("JsonSchemas knows of each fault where it is", () => {
  const schemas = new JsonSchemas([{
    $id: "https://x.example/a",
    type: "object",
    required: ["size"],
    properties: {
      size: { type: "integer", minimum: 1, maximum: 3 },
      of: { type: "array", items: { $ref: "b" }, minItems: 1, maxItems: 2 },
      by: { anyOf: [{ const: "us" }, { type: "null" }] },
      tags: { type: "object", additionalProperties: { type: "string", minLength: 1 } },
    },
  }, {
    $id: "https://x.example/b",
    properties: { name: { type: "string", pattern: "^[a-z]+$", maxLength: 3 }, any: {} },
    if: { required: ["any"] },
    then: { required: ["name"], properties: { more: { enum: ["x", "y"] } } },
    not: { required: ["any", "less"] },
  }]);
  const faultOf = (value: unknown) => schemas.faultOf("https://x.example/a", value);
  const size = 2;
  const faults: [unknown, string | undefined][] = [
    [
      { size, of: [{ name: "ab", any: { x: [] }, more: "x" }], by: null, tags: { x: "y" } },
      undefined,
    ],
    [{ size, colour: undefined }, undefined],
    [[], "is not object"],
    [{}, "size is missing"],
    [{ size: 1.5 }, "size: is not integer"],
    [{ size: 0 }, "size: is below 1"],
    [{ size: 4 }, "size: is above 3"],
    [{ size, colour: "red" }, "unknown property colour"],
    [{ size, of: [] }, "of: has too few items"],
    [{ size, of: [{}, {}, {}] }, "of: has too many items"],
    [{ size, of: [{}, { name: "A" }] }, "of.1.name: does not match ^[a-z]+$"],
    [{ size, of: [{ name: "abcd" }] }, "of.0.name: is too long"],
    [{ size, of: [{ any: 1 }] }, "of.0: name is missing"],
    [{ size, of: [{ more: "x" }] }, "of.0: unknown property more"],
    [{ size, of: [{ any: 1, name: "a", more: "z" }] }, "of.0.more: is none of x,y"],
    [{ size, of: [{ any: 1, name: "a", less: 1 }] }, "of.0: is excluded"],
    [{ size, by: "you" }, "by: fits 0 of 2 forms"],
    [{ size, tags: { x: "" } }, "tags.x: is too short"],
    [{ size, tags: { x: 1 } }, "tags.x: is not string"],
  ];
  for (const [value, fault] of faults) assertEquals(faultOf(value), fault, JSON.stringify(value));
});

Deno.test("JsonSchemas throws for a keyword or a schema that it does not know", () => {
  const schemas = new JsonSchemas([
    { $id: "https://x.example/a", uniqueItems: true },
    { $id: "https://x.example/b", $ref: "c" },
  ]);
  assertThrows(() => schemas.faultOf("https://x.example/a", []), Error, "keyword uniqueItems");
  assertThrows(() => schemas.faultOf("https://x.example/b", []), Error, "https://x.example/c");
});

/** The value with one thing in it gone, new, or of another type; each at any depth. */
function* changesOf(value: unknown): Generator<unknown> {
  if (typeof value !== "object" || value === null) {
    yield* [null, 7.5, -1, "", "other", true, [], {}, ["x"], { url: "https://x.example" }];
    return;
  }
  if (Array.isArray(value)) {
    yield* [[], [...value, ...value, ...value], {}, "text"];
    for (const [index, each] of value.entries()) {
      for (const changed of changesOf(each)) yield value.with(index, changed);
    }
    return;
  }
  yield { ...value, colour: "red" };
  for (const [key, each] of Object.entries(value)) {
    const { [key]: _gone, ...others } = value as Record<string, unknown>;
    yield others;
    for (const changed of changesOf(each)) yield { ...value, [key]: changed };
  }
}
