/** A body that matches its schema in openapi.json is not refused for its shape. */
import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { fitting, type Schema } from "../support/fitting_bodies.ts";
import { RestServer } from "../support/rest.ts";

const document: Schema = JSON.parse(
  await Deno.readTextFile(new URL("../../docs/openapi.json", import.meta.url)),
);

/** Every operation with a JSON body. */
const operations = Object.entries<Schema>(document.paths).flatMap(([path, item]) =>
  Object.entries<Schema>(item).flatMap(([method, { requestBody }]) => {
    const schema = requestBody?.content?.["application/json"]?.schema;
    return schema === undefined ? [] : [{ method: method.toUpperCase(), path, schema }];
  })
);

const PARTIES = [{ phone: "+254712345678", role: "buyer" }, {
  phone: "+254787654321",
  role: "seller",
}];

/** A server with a call, a contract and a webhook, whose ids fill the paths. */
async function withServer(
  test: (rest: RestServer, ids: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  // The target of a webhook is not part of the shape.
  await using rest = await RestServer.start({ WEBHOOK_ALLOW_PRIVATE: "*" });
  await using call = await rest.inboundCall();
  const contract = await rest.ask("POST", "/contracts/create/manual", {
    product: "maize",
    total_amount: 1,
    parties: PARTIES,
  });
  const webhook = await rest.ask("POST", "/webhooks", {
    url: "http://127.0.0.1:9/",
    types: ["cdr"],
    enabled: false,
  });
  assertEquals([contract.status, webhook.status], [201, 201]);
  await test(rest, {
    calls: call.call.id,
    contracts: contract.body.contract_id,
    webhooks: webhook.body.id,
  });
}

/** Sends bodies that match `schema`, and fails with the smallest one refused for its shape. */
async function sendFitting(
  rest: RestServer,
  { method, path, schema }: typeof operations[number],
  ids: Readonly<Record<string, string>>,
  numRuns: number,
): Promise<void> {
  const kind = path.split("/")[3] ?? "";
  const url = rest.url(path.replace(/\{\w+\}/, ids[kind] ?? "none"));
  await fc.assert(
    fc.asyncProperty(fitting(schema, document), async (body) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
      const told = await response.text();
      // A 422 without the names of fields is not about the shape: no schema knows a curve's points.
      const isShape = response.status === 422 && told.includes('"errors":');
      const refused = isShape || [400, 413, 415].includes(response.status) ||
        response.status >= 500;
      if (refused) throw new Error(`${method} ${path}: ${response.status} ${told}`);
    }),
    { numRuns, seed: 8, endOnFailure: true },
  );
}

Deno.test("openapi.json: no body that matches its schema is refused for its shape", () =>
  withServer(async (rest, ids) => {
    for (const operation of operations) await sendFitting(rest, operation, ids, 25);
  }));

Deno.test("openapi.json: a schema that accepts too much is detected", () =>
  withServer(async (rest, ids) => {
    const tooWide: [path: string, schema: Schema][] = [
      ["/api/v1/webhooks", { secret: { type: "string" } }],
      ["/api/v1/webhooks", { url: { type: "string", minLength: 1 } }],
      ["/api/v1/contracts/create/manual", { currency: { type: "string" } }],
      ["/api/v1/payments/checkout", { phone_number: { type: "string" } }],
    ];
    for (const [path, properties] of tooWide) {
      const operation = operations.find((one) => one.path === path && one.method === "POST")!;
      const { $ref } = operation.schema;
      const whole = document.components.schemas[$ref.split("/").at(-1)];
      const required = [...whole.required, ...Object.keys(properties)];
      const schema = { ...whole, required, properties: { ...whole.properties, ...properties } };
      const [field] = Object.keys(properties);
      await assertRejects(
        () => sendFitting(rest, { ...operation, schema }, ids, 60),
        Error,
        field,
      );
    }
  }));
