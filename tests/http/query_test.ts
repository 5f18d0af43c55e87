/** Query parameters: an unknown name is refused, and the known ones are named. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { refused, RestServer } from "../support/rest.ts";

/** Clients of these send parameters of their own: a provider, a load balancer, a link. */
const LENIENT = [
  "POST /api/v1/payments/webhook",
  "OPTIONS /jambonz",
  "GET /livez",
  "GET /readyz",
  "GET /openapi.json",
  "GET /asyncapi.json",
  "GET /docs",
  "GET /docs/start.js",
  "GET /docs/scalar.js",
  "GET /",
];

/** A path with a value for each parameter. */
function asked(path: string): string {
  return path.replaceAll(/:\w+/g, "x").replace("*", "x");
}

Deno.test("every REST endpoint refuses an unknown query parameter, and names the known ones", async () => {
  await using rest = await RestServer.start();
  const lenient: string[] = [];
  for (const route of rest.server.routes) {
    if (route.method === "WS") continue;
    const { method, path, query } = route;
    const url = rest.url(`${asked(path)}?limt=1&key=dev`);
    const response = await fetch(url, { method });
    // The stream of events never ends.
    if (response.status !== 400) await response.body?.cancel();
    const problem = response.status === 400 ? await response.json() : undefined;
    if (problem?.unknown === undefined) {
      lenient.push(`${method} ${path}`);
      continue;
    }
    assertEquals(problem.unknown, ["limt"]);
    assertEquals(problem.known, [...Object.keys(query?.shape ?? {}), "key"]);
    for (const name of problem.known) assertStringIncludes(problem.detail, name);
    assertEquals(problem.errors.map(({ field }: { field: string }) => field), ["limt"]);
  }
  assertEquals(lenient.toSorted(), LENIENT.toSorted());
});

Deno.test("an unknown query parameter is refused before the request has any effect", async () => {
  await using rest = await RestServer.start();
  const hook = { url: "https://example.com/", types: ["*"] };
  refused(await rest.ask("POST", "/webhooks?dry_run=1", hook), 400, "dry_run");
  assertEquals((await rest.ask("GET", "/webhooks")).body, { webhooks: [] });
  refused(await rest.ask("GET", "/calls?stat=ended"), 400, "state, line, from, to");
  refused(await rest.ask("GET", "/calls?__proto__=1&constructor=2"), 400, "parameters");
});

Deno.test("a client without a key does not learn the known query parameters", async () => {
  await using rest = await RestServer.start({ API_KEYS: "sesame-sesame-sesame" });
  refused(await rest.ask("GET", "/calls?limt=1"), 401);
  refused(await rest.ask("GET", "/calls?limt=1&key=sesame-sesame-sesame"), 400, "limt");
  assertEquals((await rest.ask("GET", "/calls?limit=1&key=sesame-sesame-sesame")).status, 200);
});

Deno.test("a repeated query parameter is refused", async () => {
  await using rest = await RestServer.start();
  const { body } = await rest.ask("GET", "/calls?limit=1&limit=2&state=ended");
  assertEquals([body.status, body.repeated], [400, ["limit"]]);
  assertStringIncludes(body.detail, "limit: given more than once");
  refused(await rest.ask("GET", "/events/stream?type=ended&type=cdr"), 400, "type");
});

Deno.test("a payment provider's own query parameters are ignored", async () => {
  await using rest = await RestServer.start();
  const callback = { transactionId: "T1", status: "Success" };
  const answer = await rest.ask("POST", "/payments/webhook?provider=at&attempt=2", callback);
  refused(answer, 404, "by T1: no payment has this id");
});

Deno.test("the link to the next page works", async () => {
  await using rest = await RestServer.start();
  for (const name of ["a", "b"]) await (await rest.inboundCall(name)).end();
  const { headers } = await rest.ask("GET", "/cdrs?format=csv&limit=1&line=inbound");
  const link = headers.get("link") ?? "";
  assert(link !== "");
  const next = await rest.ask("GET", link.slice("</api/v1".length, link.indexOf(">")));
  assertEquals(next.status, 200);
});
