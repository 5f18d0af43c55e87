/** HTTP on the hardened transport, as the wire has it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { z } from "zod";
import { publicGet } from "../../../http/route.ts";
import { listenHardened } from "../../../server/listen/hardened.ts";
import { Arrivals, within } from "../../support/arrivals.ts";
import { answerTo } from "../../support/http.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const BYTE = new Uint8Array([1]);
const settings = { TRANSPORT: "hardened" };
const KEYED = { "content-type": "application/json" };

/** The status lines and bodies of everything that a server writes to these bytes. */
async function heard(server: TestServer, bytes: string): Promise<string> {
  using raw = await RawSocket.connect(server.port);
  await raw.write(bytes);
  return new TextDecoder().decode(await raw.gone());
}

const CLOSING = "host: 127.0.0.1\r\nconnection: close\r\n\r\n";

Deno.test("hardened HTTP: HEAD has the same head as GET, and no body", async () => {
  await using server = await TestServer.start({ settings });
  const { length } = await (await answerTo(server.http("/readyz"))).bytes();
  const text = await heard(server, `HEAD /readyz HTTP/1.1\r\n${CLOSING}`);
  assertMatch(text, /^HTTP\/1\.1 200 OK\r\n/);
  assertMatch(text, new RegExp(`content-length: ${length}\r\n`, "i"));
  assert(text.endsWith("\r\n\r\n"), text);
});

Deno.test("hardened HTTP: an HTTP/1.0 client gets a complete body, and then the close", async () => {
  await using server = await TestServer.start({ settings });
  const text = await heard(server, "GET /readyz HTTP/1.0\r\n\r\n");
  assertMatch(text, /^HTTP\/1\.1 200 OK\r\n/);
  assertMatch(text, /"status":"ok"/);
  assert(!/transfer-encoding/i.test(text), text);
});

Deno.test("hardened HTTP: pipelined requests are answered in order", async () => {
  await using server = await TestServer.start({ settings });
  const text = await heard(
    server,
    "GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\nGET /nowhere HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" +
      `GET /readyz HTTP/1.1\r\n${CLOSING}`,
  );
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  assertEquals(statuses, ["200", "404", "200"]);
});

Deno.test("hardened HTTP: an endless pipeline is dropped as a flood", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.connect(server.port);
  await raw.write("GET /readyz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".repeat(500));
  await raw.gone();
  assertEquals((await answerTo(server.http("/readyz"))).status, 200);
});

Deno.test("hardened HTTP: 100 Continue is sent when the body is wanted, and only then", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.connect(server.port);
  const body = JSON.stringify({ url: "https://example.org/", events: ["*"] });
  const head = { ...KEYED, "content-length": String(body.length), expect: "100-continue" };
  await raw.request("POST", "/nowhere", head);
  assertEquals((await raw.answer()).status, 404);
  using other = await RawSocket.connect(server.port);
  await other.request("POST", "/api/v1/webhooks", head);
  assertEquals((await other.answer()).status, 100);
  await other.write(body);
  const { status } = await other.answer();
  assert(status === 201 || status === 422, String(status));
});

for (
  const [what, request, status] of [
    ["two lengths", "content-length: 5\r\ncontent-length: 6\r\n\r\nhello", 400],
    [
      "a length and chunks",
      "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    ["a length that is not a number", "content-length: -1\r\n\r\n", 400],
    ["chunks without a size", "transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n", 400],
    ["a folded header", "x: a\r\n b\r\n\r\n", 400],
    ["a space before a colon", "x : a\r\n\r\n", 400],
    ["a NUL in a header", "x: a\0b\r\n\r\n", 400],
    ["two hosts", "host: y\r\n\r\n", 400],
    ["a head of 20 KiB", `x: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ] as const
) {
  Deno.test(`hardened HTTP: a request with ${what} is refused with ${status}`, async () => {
    await using server = await TestServer.start({ settings });
    const text = await heard(
      server,
      `POST /api/v1/webhooks HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n${request}`,
    );
    assertMatch(text, new RegExp(`^HTTP/1\\.1 ${status} `));
  });
}

for (
  const [what, line, host, status] of [
    ["no Host", "GET /readyz HTTP/1.1", "", 400],
    ["an invalid Host", "GET /readyz HTTP/1.1", "host: a b\r\n", 400],
    ["an absolute target", "GET http://other/readyz HTTP/1.1", "host: 127.0.0.1\r\n", 200],
    ["a target of two slashes", "GET //readyz HTTP/1.1", "host: 127.0.0.1\r\n", 200],
    ["an asterisk", "OPTIONS * HTTP/1.1", "host: 127.0.0.1\r\n", 404],
    ["an unknown method", "TRACE /readyz HTTP/1.1", "host: 127.0.0.1\r\n", 400],
    [
      "an upgrade to something else",
      "GET /readyz HTTP/1.1",
      "host: 127.0.0.1\r\nupgrade: h2c\r\n",
      200,
    ],
    [
      "an upgrade to something else, named twice",
      "GET /readyz HTTP/1.1",
      "host: 127.0.0.1\r\nupgrade: h2c\r\nconnection: upgrade\r\n",
      200,
    ],
  ] as const
) {
  Deno.test(`hardened HTTP: a request with ${what} is answered with ${status}`, async () => {
    await using server = await TestServer.start({ settings });
    const text = await heard(server, `${line}\r\n${host}connection: close\r\n\r\n`);
    assertMatch(text, new RegExp(`^HTTP/1\\.1 ${status} `));
  });
}

Deno.test("hardened HTTP: a body that is too large gets 413, and its connection is closed", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.connect(server.port);
  await raw.request("POST", "/api/v1/webhooks", { ...KEYED, "content-length": "400000" });
  await raw.write(new Uint8Array(400_000).fill(32));
  const text = new TextDecoder().decode(await raw.gone());
  assertMatch(text, /^HTTP\/1\.1 413 /);
});

Deno.test("hardened HTTP: an unread body does not block the next request", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.connect(server.port);
  for (let count = 0; count < 3; count++) {
    await raw.write("POST /nowhere HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\n\r\nhello");
    assertEquals((await raw.answer()).status, 404);
  }
  await raw.request("GET", "/readyz", {});
  assertEquals((await raw.answer()).status, 200);
});

Deno.test("hardened HTTP: an endless body is cut off", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.connect(server.port);
  await raw.request("POST", "/api/v1/webhooks", { ...KEYED, "transfer-encoding": "chunked" });
  const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
  const flood = async () => {
    while (true) await raw.write(chunk);
  };
  await flood().catch(() => {});
  assertEquals((await answerTo(server.http("/readyz"))).status, 200);
});

Deno.test("hardened HTTP: a refused upgrade gets a problem document, and then the close", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.connect(server.port);
  const answer = await raw.handshake("/", { "sec-websocket-version": "8" });
  assertEquals(answer.status, 426);
  assertEquals(answer.headers.get("sec-websocket-version"), "13");
  assertEquals(JSON.parse(answer.body).status, 426);
  await raw.gone();
});

Deno.test("hardened HTTP: an event stream streams", async () => {
  await using server = await TestServer.start({ settings });
  using raw = await RawSocket.connect(server.port);
  await raw.request("GET", "/api/v1/events/stream", {});
  const { status, headers } = await raw.answer();
  assertEquals([status, headers.get("content-type")], [200, "text/event-stream"]);
  assertEquals(headers.get("transfer-encoding"), "chunked");
  raw.leave();
});

Deno.test("hardened HTTP: a client that leaves ends its stream and aborts its request", async () => {
  const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
  const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
  await using server = await TestServer.start({
    settings,
    routes: [publicGet("/endless", "Never ends", z.string(), ({ request }) => {
      request.signal.addEventListener("abort", () => abort());
      return new Response(
        new ReadableStream({ start: (body) => body.enqueue(BYTE), cancel: () => cancel() }),
      );
    })],
  });
  using raw = await RawSocket.connect(server.port);
  await raw.request("GET", "/endless", {});
  assertEquals((await raw.answer()).status, 200);
  raw.leave();
  await within(cancelled, () => "the stream is not cancelled");
  await within(aborted, () => "the request is not aborted");
});

Deno.test("hardened HTTP: an answer is produced as fast as its client reads", async () => {
  let made = 0;
  const block = new Uint8Array(64 * 1024);
  await using server = await TestServer.start({
    settings,
    routes: [publicGet("/large", "A gigabyte", z.string(), () =>
      new Response(
        new ReadableStream({
          pull(body) {
            made += block.length;
            if (made < 1e9) body.enqueue(block);
            else body.close();
          },
        }),
      ))],
  });
  using raw = await RawSocket.connect(server.port);
  await raw.request("GET", "/large", {});
  assertEquals((await raw.answer()).status, 200);
  // The kernel's buffers accept some megabytes, and then no more.
  for (let count = 0; count < 50; count++) await answerTo(server.http("/readyz"));
  assert(made < 100e6, `${made} bytes were made for a client that reads nothing`);
});

Deno.test("hardened HTTP: an upgrade behind unanswered requests ends its connection", async () => {
  await using server = await TestServer.start({ settings });
  for (let count = 0; count < 3; count++) {
    using raw = await RawSocket.connect(server.port);
    const get = "GET /openapi.json HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
    const upgrade = "GET /x HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\n" +
      "upgrade: websocket\r\n\r\n";
    await raw.write(get.repeat(8) + upgrade);
    await raw.gone();
  }
  assertEquals((await answerTo(server.http("/readyz"))).status, 200);
});

Deno.test("listenHardened() completes every request of a pipeline whose client leaves", async () => {
  const begun = new Arrivals<string>();
  let open = 0;
  const listener = await listenHardened({
    hostname: "127.0.0.1",
    port: 0,
    headersMs: 10_000,
    admission: { opened: () => true, closed() {} },
    handler(request, { completed }) {
      const { pathname } = new URL(request.url);
      open++;
      completed!.then(() => open--);
      begun.push(pathname);
      const endless = new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(9)) });
      return Promise.resolve(new Response(pathname === "/endless" ? endless : "ok"));
    },
  });
  const raw = await RawSocket.connect((listener.addr as Deno.NetAddr).port);
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;
  await raw.write(get("/short") + get("/endless") + get("/short").repeat(5) + get("/endless"));
  await begun.next((path) => path === "/endless");
  raw.leave();
  await within(listener.shutdown(), () => "the listener does not stop");
  assertEquals([open, begun.all], [0, ["/short", "/endless"]]);
});
