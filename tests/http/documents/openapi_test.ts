import { assert, assertEquals } from "@std/assert";
import { validate } from "@readme/openapi-parser";
import { z } from "zod";
import { readConfig } from "../../../config/config.ts";
import { generated } from "../../../docs/generated.ts";
import { createLog } from "../../../log.ts";
import { documentPath, openApi } from "../../../http/documents/openapi.ts";
import { http } from "../../../http/route.ts";
import { describeRoutes } from "../../../server/start.ts";
import { answerTo } from "../../support/http.ts";
import { RestServer } from "../../support/rest.ts";

// deno-lint-ignore no-explicit-any
type Document = any;

const routes = await describeRoutes(
  readConfig({}),
  createLog({ level: "error", format: "json" }),
);
const document: Document = JSON.parse((await generated())["openapi.json"]!);

Deno.test("openapi.json passes an independent validator", async () => {
  const result = await validate(structuredClone(document));
  assertEquals(result, { valid: true, warnings: [], specification: "OpenAPI" });
});

Deno.test("openapi.json: the validator finds faults in an invalid document", async () => {
  const wrong: ((document: Document) => void)[] = [
    (it) => it.paths["/api/v1/calls"].get.parameters[0].in = "nowhere",
    (it) => delete it.paths["/api/v1/calls/{id}"].get.parameters,
    (it) => delete it.components.schemas.CallEntry,
    (it) => delete it.info.title,
  ];
  for (const spoil of wrong) {
    const spoilt = structuredClone(document);
    spoil(spoilt);
    const valid = await validate(spoilt).then(({ valid }) => valid, () => false);
    assertEquals(valid, false, spoil.toString());
  }
});

Deno.test("openapi.json is identical to what the server serves", async () => {
  await using rest = await RestServer.start();
  const response = await answerTo(rest.url("/openapi.json"));
  assertEquals(await response.json(), document);
});

Deno.test("openapi.json has every route of the table, and nothing else", () => {
  const table = routes.filter(({ method, aliasOf }) => method !== "WS" && aliasOf === undefined)
    .map(({ method, path }) => `${method} ${documentPath(path)}`);
  const documented = Object.entries(document.paths as Record<string, object>)
    .flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`)
    );
  assertEquals(documented.toSorted(), table.toSorted());
});

Deno.test("openapi.json: each operation has a unique name, a summary and a refusal", () => {
  const ids = new Set<string>();
  for (const [path, item] of Object.entries<Document>(document.paths)) {
    for (const [method, operation] of Object.entries<Document>(item)) {
      const name = `${method} ${path}`;
      assert(!ids.has(operation.operationId), `${name}: ${operation.operationId} twice`);
      ids.add(operation.operationId);
      assert(operation.summary, name);
      assert(operation.responses.default, name);
      const hasKey = (operation.parameters ?? []).some((one: Document) =>
        one.$ref === "#/components/parameters/IdempotencyKey"
      );
      assertEquals(hasKey, method === "post", name);
    }
  }
});

Deno.test("openapi.json: /docs preselects no optional parameter", () => {
  const all = Object.values<Document>(document.paths).flatMap((item) =>
    Object.values<Document>(item)
  )
    .flatMap(({ parameters = [] }) => parameters)
    .map((one: Document) => one.$ref ? document.components.parameters.IdempotencyKey : one);
  const optional = all.filter(({ required }) => !required);
  assert(optional.length > 0);
  for (const { name, examples } of optional) {
    assertEquals(examples?.default?.["x-disabled"], true, name);
  }
});

Deno.test("openapi.json: a schema that differs between requests and answers has two names", () => {
  const Inner = z.object({ a: z.string().default("x") }).meta({ id: "TestInner" });
  const Outer = z.object({ inner: Inner }).meta({ id: "TestOuter" });
  const Same = z.object({ b: z.string() }).meta({ id: "TestSame" });
  const made: Document = openApi([http({
    method: "POST",
    path: "/test/:id",
    summary: "A test",
    scope: "everyone",
    body: z.object({ outer: Outer, same: Same }),
    answers: { 200: z.object({ outer: Outer, same: Same }) },
    answer: () => new Response(),
  })]);
  const { schemas } = made.components;
  assertEquals(Object.keys(schemas).toSorted(), [
    "Problem",
    "TestInner",
    "TestInnerOutput",
    "TestOuter",
    "TestOuterOutput",
    "TestSame",
  ]);
  assertEquals(schemas.TestInner.required, undefined);
  assertEquals(schemas.TestInnerOutput.required, ["a"]);
  const inner = { $ref: "#/components/schemas/TestInnerOutput" };
  assertEquals(schemas.TestOuterOutput.properties.inner, inner);
});

Deno.test("GET /docs is a page that loads everything from this server", async () => {
  await using rest = await RestServer.start();
  const page = await answerTo(rest.url("/docs"));
  const html = await page.text();
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  const policy = page.headers.get("content-security-policy")!;
  assert(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
  assertEquals(/https?:/.exec(html + policy), null);
  const scripts = [...html.matchAll(/src="([^"]+)"/g)].map(([, path]) => path!);
  assertEquals(scripts, ["/docs/scalar.js", "/docs/start.js"]);
  for (const path of scripts) {
    const response = await answerTo(rest.url(path));
    assertEquals(response.headers.get("content-type"), "text/javascript; charset=utf-8");
    const script = await response.text();
    assert(script.includes("createApiReference"), path);
    // It parses, so it is complete.
    new Function(script);
  }
});
