import { assertEquals, assertNotEquals } from "@std/assert";
import { refused, RestServer } from "../../support/rest.ts";

const CONTRACT = {
  transcript: "I buy ten bags of maize.",
  parties: [{ phone: "+254712345678", role: "buyer" }, { phone: "+254787654321", role: "seller" }],
};
const KEY = { "idempotency-key": "key-1" };

Deno.test("a POST with the same key and body gets the same answer, and acts once", async () => {
  await using rest = await RestServer.start();
  const first = await rest.ask("POST", "/contracts/create", CONTRACT, KEY);
  const second = await rest.ask("POST", "/contracts/create", CONTRACT, KEY);
  assertEquals(first.status, 201);
  assertEquals([second.status, second.text], [201, first.text]);
  assertEquals(second.headers.get("location"), first.headers.get("location"));
  // The answer is repeated, but each request has its own id.
  assertNotEquals(second.headers.get("x-request-id"), first.headers.get("x-request-id"));
  assertEquals((await rest.ask("GET", "/contracts")).body.total, 1);
});

Deno.test("a POST with the same key and another body, path or query gets 409", async () => {
  await using rest = await RestServer.start();
  const { body } = await rest.ask("POST", "/contracts/create", CONTRACT, KEY);
  const other = { ...CONTRACT, transcript: "another" };
  const reason = "belongs to another request";
  refused(await rest.ask("POST", "/contracts/create", other, KEY), 409, reason);
  const confirm = (phone: string) => {
    const path = `/contracts/${body.contract_id}/confirm?phone_number=${phone}`;
    return rest.ask("POST", path, undefined, { "idempotency-key": "of a query" });
  };
  assertEquals((await confirm("254712345678")).status, 200);
  refused(await confirm("254787654321"), 409, reason);
  refused(await rest.ask("POST", "/contracts/create/manual", CONTRACT, KEY), 409, reason);
  assertEquals((await rest.ask("GET", "/contracts")).body.total, 1);
});

Deno.test("simultaneous POSTs with one key act once, and all get the answer", async () => {
  await using rest = await RestServer.start();
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => rest.ask("POST", "/contracts/create", CONTRACT, KEY)),
  );
  assertEquals(new Set(answers.map(({ status }) => status)), new Set([201]));
  assertEquals(new Set(answers.map(({ text }) => text)).size, 1);
  assertEquals((await rest.ask("GET", "/contracts")).body.total, 1);
});

Deno.test("a refusal is repeated too, and an invalid key is named", async () => {
  await using rest = await RestServer.start();
  const wrong = { ...CONTRACT, parties: [] };
  const first = await rest.ask("POST", "/contracts/create", wrong, KEY);
  const second = await rest.ask("POST", "/contracts/create", wrong, KEY);
  refused(first, 422);
  refused(second, 422);
  assertEquals(second.text, first.text);
  const long = { "idempotency-key": "k".repeat(256) };
  refused(await rest.ask("POST", "/contracts/create", CONTRACT, long), 422, "1 to 255");
});

Deno.test("the keys of different clients are separate", async () => {
  await using rest = await RestServer.start({ API_KEYS: "alice,bob" });
  const create = (visitor: string) =>
    rest.ask("POST", "/contracts/create", CONTRACT, { ...KEY, authorization: `Bearer ${visitor}` });
  const [alice, bob] = [await create("alice"), await create("bob")];
  assertEquals([alice.status, bob.status], [201, 201]);
  assertNotEquals(alice.body.contract_id, bob.body.contract_id);
  assertEquals((await create("alice")).text, alice.text);
});

Deno.test("a POST whose answer was not stored runs again, and acts once", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const { requests } = rest.server.services.store;
  const answer = requests.answer.bind(requests);
  // As when the server dies between the action and the answer.
  requests.answer = () => Promise.reject(new Error("died"));
  const asks: [path: string, body: unknown][] = [
    ["/contracts/create", CONTRACT],
    [`${live.path}/transcript`, { segments: ["a", "b"].map((text) => ({ role: "other", text })) }],
    [`${live.path}/actions`, { action: "note", text: "once" }],
    [`${live.path}/actions`, { action: "send_digits", digits: "5", duration_ms: 1 }],
  ];
  const ask = ([path, body]: (typeof asks)[number], at: number) =>
    rest.ask("POST", path, body, { "idempotency-key": `${at}` });
  for (const [at, what] of asks.entries()) refused(await ask(what, at), 500);
  requests.answer = answer;
  for (const [at, what] of asks.entries()) {
    const { status } = await ask(what, at);
    assertEquals([200, 201, 202].includes(status), true, `${what[0]}: ${status}`);
  }
  await live.line.next({ event: "dtmf", digit: "5" });
  await live.end();
  assertEquals((await rest.ask("GET", "/contracts")).body.total, 1);
  const types = (await live.record()).map(([type]) => type);
  assertEquals(types.filter((type) => type === "transcript").length, 2);
  assertEquals(types.filter((type) => type === "note").length, 2);
  assertEquals(live.line.messages.filter(({ event }) => event === "dtmf").length, 1);
});

Deno.test("actions with one key act once", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const action = { action: "send_digits", digits: "1", duration_ms: 1 };
  const act = () => rest.ask("POST", `${live.path}/actions`, action, KEY);
  const answers = await Promise.all([act(), act()]);
  assertEquals(answers.map(({ status }) => status), [202, 202]);
  await live.line.next({ event: "dtmf" });
  await live.end();
  assertEquals(live.line.messages.filter(({ event }) => event === "dtmf").length, 1);
});

Deno.test("every answer has its own request id", async () => {
  await using rest = await RestServer.start();
  const asks: [method: string, path: string][] = [
    ["GET", "/calls"],
    ["GET", "/nothing"],
    ["DELETE", "/calls"],
    ["POST", "/contracts/create"],
  ];
  const ids = new Set<string | null>();
  for (const [method, path] of asks) {
    const { headers } = await rest.ask(method, path);
    ids.add(headers.get("x-request-id"));
  }
  assertEquals(ids.size, asks.length);
  assertEquals(ids.has(null), false);
});
