/** The documents that are made from the code are those in the repository. */
import { assert, assertEquals } from "@std/assert";
import { Parser } from "@asyncapi/parser";
import { generated } from "../../docs/generated.ts";
import { readConfig } from "../../config/config.ts";
import { createLog } from "../../log.ts";
import { describeRoutes } from "../../server/start.ts";
import { messagesOf } from "../../session/wire.ts";

const documents = await generated();
for (const [path, text] of Object.entries(documents)) {
  Deno.test(`docs/${path} is fresh: run deno task docs`, async () => {
    // Not compared by assertEquals, whose difference would fill thousands of lines.
    const written = await Deno.readTextFile(new URL(`../../docs/${path}`, import.meta.url));
    assert(written === text, `docs/${path} is not what the code makes: run deno task docs`);
  });
}

const routes = await describeRoutes(readConfig({}), createLog({ level: "error", format: "json" }));
const doors = routes.filter((route) => route.method === "WS");

// The parser keeps a cache warm behind its first use.
Deno.test({
  name: "asyncapi.json is valid according to the official parser",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const { document, diagnostics } = await new Parser().parse(documents["asyncapi.json"]!);
    const errors = diagnostics.filter(({ severity }) => severity === 0);
    assertEquals(errors, []);
    assert(document !== undefined);
    assertEquals(document.channels().all().length, doors.length);
  },
});

Deno.test("asyncapi.json: the parser finds faults in an invalid document", async () => {
  const wrong = documents["asyncapi.json"]!.replace('"action": "receive"', '"action": "hear"');
  const { diagnostics } = await new Parser().parse(wrong);
  assert(diagnostics.some(({ severity }) => severity === 0));
});

Deno.test("asyncapi.json names servers and security schemes, and titles every message and schema", () => {
  const { servers, operations, components } = JSON.parse(documents["asyncapi.json"]!);
  assertEquals(Object.keys(servers), ["plain", "secure"]);
  for (const [name, { security }] of Object.entries<{ security: { $ref: string }[] }>(operations)) {
    assert(security.length > 0, name);
    for (const { $ref } of security) {
      assert(components.securitySchemes[$ref.split("/").at(-1)!] !== undefined, $ref);
    }
  }
  const untitled: string[] = [];
  const visit = (schema: Record<string, unknown>, path: string) => {
    if (typeof schema["title"] !== "string") untitled.push(path);
    for (const [name, one] of Object.entries(schema["properties"] ?? {})) {
      visit(one, `${path}.${name}`);
    }
    for (const keyword of ["anyOf", "oneOf", "allOf"]) {
      for (const one of (schema[keyword] ?? []) as []) visit(one, `${path} ${keyword}`);
    }
    if (schema["items"]) visit(schema["items"] as Record<string, unknown>, `${path}[]`);
  };
  for (const [name, message] of Object.entries<Record<string, unknown>>(components.messages)) {
    if (typeof message["title"] !== "string") untitled.push(name);
    visit(message["payload"] as Record<string, unknown>, `${name} payload`);
  }
  assertEquals(untitled, []);
});

Deno.test("every message has a description and an example that its own schema accepts", () => {
  for (const { wire, door } of doors) {
    for (const schema of [...messagesOf(wire.heard), ...messagesOf(wire.said)]) {
      const { id, description, examples } = schema.meta() ?? {};
      assert(id && description, `${door}: a message without id or description`);
      assert(Array.isArray(examples) && examples.length > 0, `${id} has no example`);
      for (const example of examples) {
        assert(schema.safeParse(example).success, `${id}: its example does not fit`);
      }
    }
  }
});

Deno.test("the README names every door", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const urls = [...readme.matchAll(/ws:\/\/127\.0\.0\.1:\d+(\/[^`?{\s]*)/g)].map(([, to]) => to);
  for (const { door, path } of doors.filter(({ path }) => !path.includes("adulting"))) {
    const [address] = path.split(":");
    assert(urls.includes(address), door);
  }
});
