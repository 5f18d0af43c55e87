/** Our strict reading of jambonz's own schemas against the open one of plain Ajv. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as verbSchemas from "../../../protocols/jambonz/verb_schemas.ts";
import { faultBySchema } from "../../../protocols/jambonz/schema_check.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

const schemas = Object.values<JsonSchema>(verbSchemas);
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

Deno.test("faultBySchema() accepts every verb example that Ajv accepts", () => {
  assert(examples.length > 50, `${examples.length} examples`);
  const fitting = examples.filter(([id, example]) => ajvTakes(id, example));
  assert(fitting.length > 45, `${fitting.length} examples fit`);
  for (const [id, example] of fitting) {
    assertEquals(faultBySchema(nameIn(id), example), undefined, id);
  }
});

Deno.test("faultBySchema() refuses what Ajv refuses, and otherwise only unknown names", () => {
  let [taken, refused] = [0, 0];
  for (const [id, example] of examples) {
    for (const changed of changesOf(example)) {
      const fault = faultBySchema(nameIn(id), changed);
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

/** `say` of a schema's id. */
function nameIn(id: string): string {
  return id.split("/").at(-1)!;
}

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
