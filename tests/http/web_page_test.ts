/** Pages in a browser against a server on loopback without keys, where nothing else keeps them out. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { PAGE_HOSTS, PAGE_REQUESTS, sendAsPage, sendRaw } from "../support/web_page.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { refused, RestServer } from "../support/rest.ts";

const DEAL = JSON.stringify({
  transcript: "I buy one hundred bags of maize.",
  parties: [{ phone: "+254712345678", role: "buyer" }, { phone: "+254787654321", role: "seller" }],
});
const HANG_UP = JSON.stringify({ action: "hangup" });
const HOOK = JSON.stringify({ url: "https://evil.example/", events: ["call.ended"] });

/** A keyless server with a call in progress and a contract that nobody has signed. */
async function targets() {
  const server = await RestServer.start({ APPS: "" });
  const live = await server.inboundCall();
  const { body: { contract_id } } = await server.ask("POST", "/contracts/create", JSON.parse(DEAL));
  const sign = `/api/v1/contracts/${contract_id}/confirm?phone_number=%2B254712345678`;
  const unsafe: [path: string, body: string][] = [
    ["/api/v1/contracts/create", DEAL],
    [`/api/v1${live.path}/actions`, HANG_UP],
    ["/api/v1/webhooks", HOOK],
    [sign, ""],
    ["/api/v1/payments/webhook", "transaction_id=1&status=Success"],
  ];
  return {
    server,
    port: server.server.addresses[0]!.port,
    unsafe,
    sign,
    /** Nothing has been made, signed or ended. */
    async areUntouched() {
      const { body: { contracts } } = await server.ask("GET", "/contracts");
      assertEquals(contracts.length, 1);
      const { body: status } = await server.ask("GET", `/contracts/${contract_id}/status`);
      assertEquals(status.progress.signed, 0);
      assertEquals((await server.ask("GET", "/webhooks")).body.webhooks, []);
      assertEquals((await server.ask("GET", live.path)).body.state, "answered");
    },
    async [Symbol.asyncDispose]() {
      await live[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

for (const request of PAGE_REQUESTS.filter(({ what }) => what !== "a link")) {
  Deno.test(`a page on another site (${request.site}) gets 403 for ${request.what}, without effect`, async () => {
    await using on = await targets();
    const paths: [path: string, body: string][] = request.method === "POST"
      ? on.unsafe
      : request.method === "OPTIONS"
      ? on.unsafe.map(([path]) => [path, ""])
      : request.what === "a WebSocket"
      ? [["/", ""], ["/inbound", ""], ["/api/v1/ws/+254712345678", ""], ["/jambonz", ""]]
      : [["/api/v1/calls", ""], ["/api/v1/events/stream", ""], ["/docs", ""], ["/nothing", ""]];
    for (const [path, body] of paths) {
      const answer = await sendAsPage(on.port, request, path, body);
      assertEquals([path, answer.status], [path, 403]);
      assertEquals(answer.headers.get("content-type"), "application/problem+json");
      assertEquals(answer.headers.get("access-control-allow-origin"), null);
    }
    await on.areUntouched();
  });
}

Deno.test("a page on another site may link to us", async () => {
  await using on = await targets();
  for (const request of PAGE_REQUESTS.filter(({ what }) => what === "a link")) {
    for (const path of ["/", "/docs", "/api/v1/calls"]) {
      assertEquals((await sendAsPage(on.port, request, path)).status, 200);
    }
  }
});

Deno.test("a page of an allowed origin may do what others may not, except with a form", async () => {
  const settings = {
    APPS: "",
    ALLOWED_ORIGINS: Object.values(PAGE_HOSTS).map((host) => `http://${host}`).join(),
  };
  await using server = await RestServer.start(settings);
  const { port } = server.server.addresses[0]!;
  const CREATE = "/api/v1/contracts/create";
  const expected = new Map([
    ["a form", 415],
    ["a form of text/plain", 415],
    ["a fetch with text", 415],
    ["a fetch with a Blob, which has no type", 415],
    ["a fetch without a body", 400],
    ["the preflight of JSON", 204],
    ["a WebSocket", 404],
    ["a fetch with GET", 404],
  ]);
  for (const request of PAGE_REQUESTS) {
    const status = expected.get(request.what);
    if (status === undefined) continue;
    const body = request.method === "POST" && status === 415 ? DEAL : "";
    const answer = await sendAsPage(port, request, CREATE, body);
    assertEquals([request.what, answer.status], [request.what, status]);
  }
});

Deno.test("a page that rebinds its name to us gets 421 everywhere, without effect", async () => {
  await using on = await targets();
  const host = `evil.example:${on.port}`;
  // To the browser the page and we are one origin.
  const page = { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" };
  const json = { ...page, "content-type": "application/json" };
  for (const [path, body] of on.unsafe) {
    const answer = await sendRaw(on.port, "POST", path, json, body);
    assertEquals([path, answer.status], [path, 421]);
    assertEquals(JSON.parse(answer.body).title, "Misdirected Request");
    assertStringIncludes(JSON.parse(answer.body).detail, "ALLOWED_HOSTS");
  }
  for (const path of ["/api/v1/calls", "/", "/docs", "/livez", "/nothing"]) {
    assertEquals((await sendRaw(on.port, "GET", path, page)).status, 421);
  }
  for (const path of ["/", "/inbound", "/jambonz", "/ws/v1/liveCalls", "/api/v1/ws/a"]) {
    using raw = await RawSocket.connect(on.port);
    assertEquals((await raw.handshake(path, page)).status, 421);
  }
  await on.areUntouched();
});

const NO_JSON: [what: string, type: string | undefined][] = [
  ["no content type", undefined],
  ["an empty content type", " "],
  ["text/plain", "text/plain"],
  ["text/plain that names JSON", "text/plain; application/json"],
  ["a URL-encoded form", "application/x-www-form-urlencoded"],
  ["a multipart form", "multipart/form-data; boundary=x"],
];

for (const [what, type] of NO_JSON) {
  Deno.test(`an unsafe method with ${what} gets 415, with an Origin or without`, async () => {
    await using on = await targets();
    const typed: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const unsafe = on.unsafe.filter(([path]) => !path.includes("payments"));
    const paths: [method: string, path: string][] = [
      ...unsafe.map(([path]) => ["POST", path] as [string, string]),
      ["PUT", on.sign.replace(/\/confirm.*/, "")],
      ["DELETE", "/api/v1/webhooks/none"],
      ["POST", "/api/v1/webhooks/none/deliveries/none/replay"],
    ];
    for (const [method, path] of paths) {
      const own = { host: `127.0.0.1:${on.port}`, origin: `http://127.0.0.1:${on.port}` };
      for (const headers of [typed, { ...typed, ...own }]) {
        const answer = await sendRaw(on.port, method, path, headers, DEAL);
        assertEquals([method, path, answer.status], [method, path, 415]);
      }
    }
    await on.areUntouched();
  });
}

Deno.test("an empty form signs nothing: browsers send the type of an empty form too", async () => {
  await using on = await targets();
  for (const type of ["application/x-www-form-urlencoded", "text/plain"]) {
    const answer = await sendRaw(on.port, "POST", on.sign, { "content-type": type });
    assertEquals(answer.status, 415);
  }
  await on.areUntouched();
  // A program that sends no body names no type.
  assertEquals((await sendRaw(on.port, "POST", on.sign, {})).status, 200);
});

Deno.test("a body without a length and a type gets 415 too", async () => {
  await using on = await targets();
  using raw = await RawSocket.connect(on.port);
  await raw.request("POST", on.sign, { "transfer-encoding": "chunked" });
  await raw.write("2\r\n{}\r\n0\r\n\r\n");
  assertEquals((await raw.answer()).status, 415);
  await on.areUntouched();
});

Deno.test("a provider's form is accepted on the route where providers post forms", async () => {
  await using server = await RestServer.start({ APPS: "" });
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await server.ask(
    "POST",
    "/payments/webhook",
    "transactionId=none&status=Success",
    form,
  );
  refused(answer, 404);
  refused(
    await server.ask("POST", "/payments/webhook", "{}", { "content-type": "text/plain" }),
    415,
  );
});

Deno.test("jambonz's audio fork sends our host without its port as Origin, and is accepted", async () => {
  await using server = await RestServer.start({ APPS: "" });
  const { port } = server.server.addresses[0]!;
  const audio = { "sec-websocket-protocol": "audio.drachtio.org" };
  for (
    const [origin, status] of [
      ["http://127.0.0.1", 101],
      ["http://127.0.0.1:5173", 403],
      ["http://evil.example", 403],
    ] as const
  ) {
    using raw = await RawSocket.connect(port);
    const host = `127.0.0.1:${port}`;
    const answer = await raw.handshake("/jambonz/audio", { host, origin, ...audio });
    assertEquals([origin, answer.status], [origin, status]);
    using other = await RawSocket.connect(port);
    assertEquals((await other.handshake("/", { host, origin })).status, 403);
  }
});
