/** Attacks that never did harm, and must not: shapes of requests, resets, slow heads, paths, targets. */
import { connect } from "node:http2";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { within } from "../support/arrivals.ts";
import { answerTo } from "../support/http.ts";
import { inboundCall, QUIET_INBOUND } from "../support/lines.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { TestServer } from "../support/server.ts";

const SMUGGLED = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
const POST =
  "POST /api/v1/contracts/create HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
const BOTH = `content-length: ${5 + SMUGGLED.length}\r\n\r\n0\r\n\r\n${SMUGGLED}`;

/** Requests that two parsers read as one, or as two. */
const SHAPES: [what: string, bytes: string][] = [
  ["a length and chunks", `${POST}transfer-encoding: chunked\r\n${BOTH}`],
  [
    "chunks and a length",
    `${POST}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n` +
    `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`,
  ],
  [
    "two lengths",
    `${POST}content-length: 2\r\ncontent-length: ${2 + SMUGGLED.length}\r\n\r\n{}${SMUGGLED}`,
  ],
  ["a list of lengths", `${POST}content-length: 2, 40\r\n\r\n{}${SMUGGLED}`],
  ["an unknown encoding", `${POST}transfer-encoding: xchunked\r\n${BOTH}`],
  ["a space before the colon", `${POST}transfer-encoding : chunked\r\n${BOTH}`],
  ["the encoding identity", `${POST}transfer-encoding: identity\r\n${BOTH}`],
  ["a tab in its encoding", `${POST}transfer-encoding:\tchunked\r\n${BOTH}`],
  ["chunks that are not last", `${POST}transfer-encoding: chunked, identity\r\n${BOTH}`],
  ["two encodings", `${POST}transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n${BOTH}`],
  ["a folded header", `${POST}transfer-encoding:\r\n chunked\r\n${BOTH}`],
  ["a length with a plus", `${POST}content-length: +2\r\n\r\n{}${SMUGGLED}`],
  ["a negative length", `${POST}content-length: -1\r\n\r\n{}${SMUGGLED}`],
  ["a hexadecimal length", `${POST}content-length: 0x2\r\n\r\n{}${SMUGGLED}`],
  ["a length beyond 64 bits", `${POST}content-length: 18446744073709551618\r\n\r\n{}${SMUGGLED}`],
  [
    "a chunk beyond 64 bits",
    `${POST}transfer-encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "a bare LF in a chunk",
    `${POST}transfer-encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "a bare LF in a chunk's extension",
    `${POST}transfer-encoding: chunked\r\n\r\n2;\n{}\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "a bare CR",
    `${POST}x: a\rtransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n{}${SMUGGLED}`,
  ],
  ["a NUL", `${POST}x: a\0b\r\ncontent-length: 2\r\n\r\n{}${SMUGGLED}`],
  [
    "chunks in HTTP/1.0",
    `${POST.replace("HTTP/1.1", "HTTP/1.0")}transfer-encoding: chunked\r\n${BOTH}`,
  ],
  [
    "a body of a GET",
    `GET /livez HTTP/1.1\r\nhost: x\r\ncontent-length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  ],
];

for (const [what, bytes] of SHAPES) {
  Deno.test(`smuggling: a request with ${what} hides no second request`, async () => {
    await using server = await TestServer.start();
    using raw = await RawSocket.connect(server.port);
    await raw.write(bytes);
    // Whether or not it is answered, the next request shows that nothing is left of it.
    await raw.write("GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").catch(() => {});
    const answers: string[] = [];
    try {
      for (;;) answers.push((await raw.answer()).body);
    } catch (error) {
      assertMatch(String(error), /gone|reset|Not Implemented|os error/i);
    }
    assert(!answers.some((body) => body.includes("smuggled")), answers.join("\n"));
    assertEquals((await answerTo(server.http("/livez"))).status, 200);
  });
}

Deno.test("HTTP/2: a thousand streams that are reset at once do no harm", async () => {
  await using server = await TestServer.start({ settings: QUIET_INBOUND });
  await using line = await inboundCall(server);
  const session = connect(`http://127.0.0.1:${server.port}`);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  // The server may end the whole connection, as it should.
  session.on("error", () => {}).on("close", () => resolve());
  for (let streams = 0; streams < 1000 && !session.destroyed; streams++) {
    const stream = session.request({ ":path": "/api/v1/calls" });
    stream.on("error", () => {});
    stream.close(8);
  }
  line.send(new Uint8Array(320));
  assertEquals((await line.nextAudio()).length, 320);
  session.destroy();
  await within(closed, () => "the connection stays open");
  assertEquals((await answerTo(server.http("/api/v1/calls"))).status, 200);
  assertEquals(server.log.all.filter(({ level }) => level === "error"), []);
});

Deno.test("slowloris: two hundred heads sent byte by byte block nobody", async () => {
  await using server = await TestServer.start({ settings: QUIET_INBOUND });
  await using line = await inboundCall(server);
  const slow = await Promise.all(
    Array.from({ length: 200 }, () => RawSocket.connect(server.port)),
  );
  for (const byte of "GET /livez HTTP/1.1\r\nx: ") {
    await Promise.all(slow.map((socket) => socket.write(byte)));
    line.send(new Uint8Array([byte.charCodeAt(0), 0]));
    assertEquals((await line.nextAudio())[0], byte.charCodeAt(0));
  }
  assertEquals((await answerTo(server.http("/api/v1/calls"))).status, 200);
  for (const socket of slow) socket.leave();
});

const TRAVERSALS = [
  "/../../etc/passwd",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/..%2f..%2fetc%2fpasswd",
  "/..%5c..%5cetc%5cpasswd",
  "/api/v1/calls/..%2f..%2fetc%2fpasswd/recording",
  "/api/v1/calls/%2e%2e%2f%2e%2e%2fetc%2fpasswd/recording",
  "/api/v1/calls/..%00.wav/recording",
  "/api/v1/calls/%252e%252e%252fetc/recording",
  "//etc/passwd",
  "/api/v1/calls/%c0%ae%c0%ae%c0%afetc/recording",
];

Deno.test("traversal: no path leads out of the routes", async () => {
  await using server = await TestServer.start();
  for (const path of TRAVERSALS) {
    using raw = await RawSocket.connect(server.port);
    await raw.request("GET", path, {});
    const { status, body } = await raw.answer();
    assert(status === 404 || status === 400, `${path}: ${status}`);
    assert(!body.includes("root:"), path);
  }
});

/** Spellings of targets that only this server can reach. */
const INSIDE = [
  ...["127.0.0.1", "127.1", "127.0.0.1.", "2130706433", "0x7f000001", "0x7f.1", "017700000001"],
  ...["0177.0.0.1", "127.0.1", "127.255.255.254", "0.0.0.0", "0", "0x0", "10.0.0.1", "167772161"],
  ...[
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.257",
    "100.64.0.1",
    "169.254.169.254",
  ],
  ...[
    "0xa9fea9fe",
    "2852039166",
    "169.254.43518",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
  ],
  ...[
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
  ],
  ...["[::7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::1]", "[fc00::1]", "[fd00:ec2::254]"],
  ...["[fe80::1]", "[fec0::1]", "[ff02::1]", "１２７.０.０.１", "①②⑦.0.0.1"],
];

Deno.test("SSRF: no spelling of an internal address is accepted as a webhook", async () => {
  await using server = await TestServer.start();
  assert(INSIDE.length >= 40);
  for (const host of INSIDE) {
    const answer = await answerTo(server.http("/api/v1/webhooks"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ url: `http://${host}:8000/`, types: ["*"] }),
    });
    const { errors } = await answer.json();
    assertEquals([answer.status, errors?.[0]?.field], [422, "url"], host);
  }
  const { webhooks } = await server.rest("GET", "/webhooks");
  assertEquals(webhooks, []);
});
