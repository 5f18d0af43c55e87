/** Answers to errors contain what the client may know, and no internals. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { JwksUnavailable } from "../../access/jwks.ts";
import { http, type HttpRoute } from "../../http/route.ts";
import { StoreUnavailable } from "../../store/errors.ts";
import { answerTo } from "../support/http.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { TestServer } from "../support/server.ts";

const SECRET = "postgres://tipring:hunter2@10.1.2.3/calls";

/** A route that fails in this way. */
function failing(path: string, fail: () => Response | Promise<Response>): HttpRoute {
  const answers = { 200: z.object({}) };
  return http({
    method: "POST",
    path,
    summary: "Fails",
    scope: "everyone",
    answers,
    answer: fail,
  });
}

class Odd extends Error {
  override get message(): string {
    throw new Error(SECRET);
  }
}

const ROUTES = [
  failing("/throws", () => {
    throw new Error(SECRET);
  }),
  failing("/rejects", () => Promise.reject(new TypeError(SECRET, { cause: SECRET }))),
  failing("/text", () => {
    throw SECRET;
  }),
  failing("/nothing-at-all", () => Promise.reject(undefined)),
  failing("/odd", () => Promise.reject(new Odd())),
  failing("/permission", async () => {
    await Deno.readTextFile("/no/such/hunter2");
    return new Response();
  }),
  failing("/store", () => Promise.reject(new StoreUnavailable(`Cannot persist: ${SECRET}`))),
  failing("/jwks", () => Promise.reject(new JwksUnavailable(SECRET))),
];

for (const { path } of ROUTES) {
  Deno.test(`errors: the answer of ${path} is a problem document that reveals nothing of our internals`, async () => {
    await using server = await TestServer.start({ routes: ROUTES });
    for (const headers of [{}, { "idempotency-key": "k1" }] as Record<string, string>[]) {
      const response = await answerTo(server.http(path), { method: "POST", headers });
      const text = await response.text();
      assertEquals(response.headers.get("content-type"), "application/problem+json");
      assert([500, 503].includes(response.status), String(response.status));
      const { detail, ...document } = JSON.parse(text);
      const title = response.status === 500 ? "Internal Server Error" : "Service Unavailable";
      assertEquals(document, { type: "about:blank", title, status: response.status });
      const id = response.headers.get("x-request-id")!;
      for (const leak of ["hunter2", "10.1.2.3", ".ts", "/work", "Error:", "    at ", id]) {
        assertEquals([leak, (detail as string).includes(leak)], [leak, false]);
      }
      // Our fault: the log has the cause, under the id that the client has.
      if (response.status === 503) continue;
      const logged = server.log.all.filter(({ msg }) => msg === "request failed");
      assert(logged.some(({ requestId }) => requestId === id));
    }
  });
}

Deno.test("errors: every refusal by the router is a problem document, for any request", async () => {
  await using server = await TestServer.start();
  const asked: [method: string, path: string, headers: Record<string, string>][] = [
    ["GET", "/nothing", {}],
    ["GET", "/%zz", {}],
    ["DELETE", "/api/v1/calls", {}],
    ["BREW", "/api/v1/calls", {}],
    ["GET", "/api/v1/calls?nonsense=1", {}],
    ["GET", "/api/v1/calls/none", {}],
    ["POST", "/api/v1/contracts/create", { "content-type": "text/plain" }],
    ["POST", "/api/v1/contracts/create", { "content-type": "application/json" }],
    ["GET", "/inbound", {}],
    ["GET", "/", { origin: "https://evil.example" }],
    ["GET", "/", { host: "evil.example" }],
    ["GET", "/", { host: "a b" }],
    ["GET", "/ws/v1/liveCalls", { upgrade: "websocket", connection: "upgrade" }],
  ];
  for (const [method, path, headers] of asked) {
    using raw = await RawSocket.connect(server.port);
    await raw.request(method, path, headers);
    const answer = await raw.answer();
    const what = `${method} ${path} ${JSON.stringify(headers)}`;
    assertEquals([what, answer.headers.get("content-type")], [what, "application/problem+json"]);
    const { status, title, detail } = JSON.parse(answer.body);
    assertEquals([what, status], [what, answer.status]);
    assert(status >= 400 && status < 500, what);
    assertEquals([typeof title, typeof detail], ["string", "string"]);
    assertEquals(/\bat .*\.ts\b|Error:|node:|file:/.test(answer.body), false, answer.body);
    assertStringIncludes(answer.headers.get("x-request-id")!, "-");
  }
});
