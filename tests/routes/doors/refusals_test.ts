import { assertEquals, assertStringIncludes } from "@std/assert";
import { within } from "../../support/arrivals.ts";
import { Client } from "../../support/client.ts";
import { answerTo } from "../../support/http.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const JSON_TYPE = { "content-type": "application/json" };
const CREATE = "/api/v1/contracts/create";

Deno.test("refusals: 404 for an unknown path, with a problem document", async () => {
  await using server = await TestServer.start();
  for (
    const path of ["/nothing", "/api/v1", "/api/v1/calls/none", "/jambonz/other", "/%F0%9F%8C%BD"]
  ) {
    await problem(await answerTo(server.http(path)), 404);
  }
});

Deno.test("refusals: 404 for a WebSocket on an HTTP path", async () => {
  await using server = await TestServer.start();
  for (const path of ["/livez", "/api/v1/calls", "/nothing"]) {
    using raw = await RawSocket.connect(server.port);
    const { status, headers } = await raw.handshake(path);
    assertEquals([status, headers.get("content-type")], [404, "application/problem+json"]);
  }
});

Deno.test("refusals: 405 lists the allowed methods", async () => {
  await using server = await TestServer.start();
  const allowed: [method: string, path: string, allow: string][] = [
    ["DELETE", "/api/v1/calls", "GET, HEAD"],
    ["PUT", "/api/v1/payments/checkout", "POST, GET, HEAD"],
    ["POST", "/livez", "GET, HEAD"],
    ["DELETE", "/api/v1/contracts/AG-1", "GET, PUT, HEAD"],
    ["POST", "/", "GET, HEAD"],
    ["POST", "/inbound", "GET"],
    ["PUT", "/jambonz", "OPTIONS, GET"],
  ];
  for (const [method, path, allow] of allowed) {
    const response = await answerTo(server.http(path), { method });
    assertEquals(new Set(response.headers.get("allow")?.split(", ")), new Set(allow.split(", ")));
    await problem(response, 405);
  }
});

Deno.test("refusals: 426 for a plain GET on a socket's path", async () => {
  await using server = await TestServer.start();
  for (const path of ["/inbound", "/jambonz", "/ws/v1/liveCalls", "/api/v1/ws/+254712345678"]) {
    const response = await answerTo(server.http(path));
    assertEquals(response.headers.get("upgrade"), "websocket");
    await problem(response, 426);
  }
});

Deno.test("refusals: GET / lists the routes, WS / is the inbound call", async () => {
  await using server = await TestServer.start();
  const index = await (await answerTo(server.http("/"))).json();
  assertEquals(index.name, "tipring");
  assertEquals(Object.keys(index.links), ["docs", "openapi", "asyncapi", "livez", "readyz"]);
  for (const path of Object.values<string>(index.links)) {
    assertEquals((await answerTo(server.http(path), { method: "HEAD" })).status, 200, path);
  }
  for (const { href } of index.routes) {
    assertEquals(new URL(href).host, new URL(server.http("/")).host);
  }
  const page = await answerTo(server.http("/"), { headers: { accept: "text/html" } });
  assertStringIncludes(page.headers.get("content-type")!, "text/html");
  const html = await page.text();
  assertStringIncludes(html, "/ws/v1/liveCalls");
  const linked = new Set([...html.matchAll(/href="(\/[^"]*)"/g)].map(([, path]) => path!));
  for (const path of linked) {
    const headers = { accept: "text/html,*/*;q=0.8" };
    // Only the head: the stream of events never ends.
    const response = await within(fetch(server.http(path), { headers }), () => path);
    await response.body?.cancel();
    assertEquals(response.status, 200, path);
  }
  for (const { method, path } of index.routes) {
    if (method === "GET" && !path.includes(":")) assertEquals(linked.has(path), true, path);
  }
  for (const row of html.match(/<tr>.*/g) ?? []) assertStringIncludes(row, "<a href=");
  await using line = await Client.open(server.ws("/"));
  line.send({ event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "s" });
  await line.next({ event: "answer" });
});

const HANDSHAKES: [what: string, headers: Record<string, string>, status: number][] = [
  ["version 8", { "sec-websocket-version": "8" }, 426],
  ["no version", { "sec-websocket-version": "" }, 426],
  ["no key", { "sec-websocket-key": "" }, 400],
  ["a key that is too short", { "sec-websocket-key": "c2hvcnQ=" }, 400],
  ["a key that is not base64", { "sec-websocket-key": "!GhlIHNhbXBsZSBub25jZQ==" }, 400],
  ["no Connection: Upgrade", { connection: "keep-alive" }, 400],
  ["a foreign Origin", { origin: "https://evil.example" }, 403],
  ["an Origin that looks like ours", { origin: "http://127.0.0.1.evil.example" }, 403],
  ["the opaque Origin", { origin: "null" }, 403],
];

for (const [what, headers, status] of HANDSHAKES) {
  Deno.test(`refusals: ${status} for a handshake with ${what}, on every door`, async () => {
    await using server = await TestServer.start();
    for (const path of ["/", "/jambonz", "/ws/v1/liveCalls", "/api/v1/ws/a"]) {
      using raw = await RawSocket.connect(server.port);
      const answer = await raw.handshake(path, headers);
      assertEquals([path, answer.status], [path, status]);
      assertEquals(answer.headers.get("content-type"), "application/problem+json");
      assertEquals(answer.headers.get("x-request-id")?.length, 36);
      if (status === 426) assertEquals(answer.headers.get("sec-websocket-version"), "13");
    }
  });
}

Deno.test("refusals: our own pages and those of the settings may connect, on our hosts", async () => {
  const settings = {
    ALLOWED_ORIGINS: "https://desk.example, https://other.example, http://localhost:3000",
    ALLOWED_HOSTS: "proxy.example",
  };
  await using server = await TestServer.start({ settings });
  const { port } = server;
  for (
    const headers of [
      {},
      { origin: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}` },
      { origin: "http://localhost:3000" },
      { origin: "https://desk.example" },
      { origin: "https://other.example" },
      { origin: "https://proxy.example", host: "proxy.example" },
    ] as Record<string, string>[]
  ) {
    using raw = await RawSocket.connect(port);
    assertEquals((await raw.handshake("/inbound", headers)).status, 101);
  }
  for (const origin of ["https://desk.example.evil.example", "http://localhost:3001"]) {
    using raw = await RawSocket.connect(port);
    assertEquals((await raw.handshake("/inbound", { origin })).status, 403);
  }
});

Deno.test("refusals: any page may connect if the setting is *", async () => {
  await using server = await TestServer.start({ settings: { ALLOWED_ORIGINS: "*" } });
  using raw = await RawSocket.connect(server.port);
  assertEquals((await raw.handshake("/", { origin: "https://evil.example" })).status, 101);
});

Deno.test("refusals: each HTTP answer has a different x-request-id", async () => {
  await using server = await TestServer.start();
  const ids = new Set<string | null>();
  for (const path of ["/livez", "/", "/nothing", "/inbound", "/api/v1/calls", "/%zz"]) {
    const response = await answerTo(server.http(path));
    await response.body?.cancel();
    ids.add(response.headers.get("x-request-id"));
  }
  assertEquals([ids.size, ids.has(null)], [6, false]);
});

const BODIES: [what: string, body: BodyInit | null, headers: HeadersInit, status: number][] = [
  ["too large", "x".repeat(256 * 1024 + 1), JSON_TYPE, 413],
  ["not JSON", "{", JSON_TYPE, 400],
  ["empty", null, JSON_TYPE, 400],
  ["not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), JSON_TYPE, 400],
  ["of a wrong type", "a=1", { "content-type": "application/x-www-form-urlencoded" }, 415],
  ["text", "{}", { "content-type": "text/plain" }, 415],
  ["of a wrong shape", "[]", JSON_TYPE, 422],
  ["without its fields", "{}", JSON_TYPE, 422],
];

for (const [what, body, headers, status] of BODIES) {
  Deno.test(`refusals: ${status} for a body that is ${what}`, async () => {
    await using server = await TestServer.start();
    const document = await problem(
      await answerTo(server.http(CREATE), { method: "POST", body, headers }),
      status,
    );
    if (what === "without its fields") {
      const fields = (document["errors"] as { field: string }[]).map(({ field }) => field);
      assertEquals(fields.toSorted(), ["parties", "transcript"]);
    }
  });
}

Deno.test("refusals: an endless body is cut off at its limit", async () => {
  await using server = await TestServer.start();
  using raw = await RawSocket.connect(server.port);
  await raw.write(
    `POST ${CREATE} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
      "transfer-encoding: chunked\r\n\r\n",
  );
  const chunk = "x".repeat(0x8000);
  for (let sent = 0; sent <= 8; sent++) await raw.write(`8000\r\n${chunk}\r\n`);
  assertEquals((await raw.answer()).status, 413);
});

Deno.test("refusals: HEAD is GET without the body", async () => {
  await using server = await TestServer.start();
  for (const path of ["/livez", "/", "/api/v1/calls", "/asyncapi.json"]) {
    const response = await answerTo(server.http(path), { method: "HEAD" });
    assertEquals([response.status, await response.text()], [200, ""]);
  }
  const missing = await answerTo(server.http("/nothing"), { method: "HEAD" });
  assertEquals([missing.status, await missing.text()], [404, ""]);
});

Deno.test("refusals: 400 for an invalid Host, not 500", async () => {
  await using server = await TestServer.start();
  for (const host of ["a b", "[::zz", "x:99999"]) {
    using raw = await RawSocket.connect(server.port);
    await raw.request("GET", "/livez", { host });
    assertEquals((await raw.answer()).status, 400);
  }
  assertEquals(server.log.all.filter(({ level }) => level === "error"), []);
});

/** Reads a problem document. */
async function problem(response: Response, status: number): Promise<Record<string, unknown>> {
  assertEquals(response.status, status);
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  assertEquals(response.headers.get("x-request-id")?.length, 36);
  const document = await response.json();
  assertEquals([document.status, typeof document.title], [status, "string"]);
  assertEquals(typeof document.detail, "string");
  return document;
}
