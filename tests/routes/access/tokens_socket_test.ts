/** Tokens in place of keys, on a whole server. */
import { assertEquals } from "@std/assert";
import { within } from "../../support/arrivals.ts";
import { serverWithTokens } from "../../support/token_server.ts";

const ANN = "+254712345671";

Deno.test("a token opens what its scopes are for, and its client's contracts only", async () => {
  const { server, token, stack } = await serverWithTokens();
  await using _stack = stack;
  const key = await token({ scope: "contracts:read notifications", client_id: ANN });
  assertEquals((await server.ask(undefined, "GET", "/contracts")).status, 401);
  assertEquals((await server.ask(key, "GET", "/contracts")).body.contracts, []);
  assertEquals((await server.ask(key, "GET", "/calls")).status, 403);
  assertEquals(await server.handshake(key, `/api/v1/ws/${ANN}`), 101);
  assertEquals(await server.handshake(key, "/api/v1/ws/+254712345672"), 404);
  // As browsers show it.
  const offered = { "sec-websocket-protocol": `bearer, ${key}` };
  assertEquals(await server.handshakeWith(offered, `/api/v1/ws/${ANN}`), 101);
  assertEquals(await server.handshake(undefined, `/api/v1/ws/${ANN}?key=${key}`), 101);
});

Deno.test("a token that has expired: its sockets are closed with 4401", async () => {
  const laterMs = { now: 0 };
  const { server, token, stack } = await serverWithTokens({ laterMs });
  await using _stack = stack;
  await using client = await server.open(
    await token({ scope: "notifications" }),
    `/api/v1/ws/${ANN}`,
  );
  laterMs.now = 601_000;
  assertEquals((await within(client.closed, () => "it stays", 5000)).code, 4401);
});

Deno.test("a token of a provider that has never answered gets 503, and a key goes on", async () => {
  const { server, provider, token, stack } = await serverWithTokens();
  await using _stack = stack;
  provider.isDown = true;
  const { status, headers } = await server.ask(await token({ scope: "all" }), "GET", "/calls");
  assertEquals([status, headers.get("retry-after")], [503, "5"]);
  assertEquals((await server.ask("wrong", "GET", "/calls")).status, 401);
});

Deno.test("records name the holder of a token", async () => {
  const { server, token, stack } = await serverWithTokens();
  await using _stack = stack;
  const key = await token({ scope: "all", name: "Ann K." });
  await using _line = await server.inboundCall("5000", "s", key);
  const { id } = await server.test.call("inbound", "s");
  await server.ask(key, "POST", `/calls/${id}/actions`, { action: "note", text: "hm" });
  const { body } = await server.ask(key, "GET", `/calls/${id}/events`);
  const note = body.events.find(({ type }: { type: string }) => type === "note");
  assertEquals(note.actor, "jwt:ann Ann K.");
});
