/** Receivers that answer without end: each is cut off by count, bytes or time. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Answer, post } from "../../webhooks/http_client.ts";
import { AllowedTargets } from "../../webhooks/targets.ts";
import { within } from "../support/arrivals.ts";

const HEAD = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
/** Far more than a server may accept, and little enough for a failing test. */
const MOST_BYTES = 64 * 1024 ** 2;

const ENDLESS: [what: string, first: string, again: string, status: number | null, why: RegExp][] =
  [
    ["100 Continue", "", "HTTP/1.1 100 Continue\r\n\r\n", null, /^more than 8 interim answers$/],
    ["early hints", "", "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", null, /interim answers$/],
    ["headers", HEAD, "x-a: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n", null, /Header overflow/],
    ["one header", `${HEAD}x: `, "y", null, /Header overflow/],
    ["its status line", "HTTP/1.1 200 ", "y", null, /Header overflow/],
    ["a chunk's extension", `${CHUNKED}1;`, "y", 200, /^null$/],
    ["trailers", `${CHUNKED}1\r\na\r\n0\r\n`, "x-a: b\r\n", 200, /^null$/],
    ["a body", `${HEAD}\r\n`, "y", 200, /^null$/],
  ];

for (const [what, first, again, status, why] of ENDLESS) {
  Deno.test(`post() cuts off a receiver that sends ${what} endlessly`, async () => {
    const { answer, written } = await answeredBy(first, again);
    assertEquals(answer.status, status);
    assertMatch(String(answer.error), why);
    assert(written < MOST_BYTES, `it has read on: ${written} bytes`);
  });
}

Deno.test("post() accepts a few interim answers, as proxies send them", async () => {
  const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n";
  const { answer } = await answeredBy(`${interim}${HEAD}content-length: 2\r\n\r\nok`);
  assertEquals([answer.status, answer.error, answer.excerpt], [200, null, "ok"]);
});

Deno.test("post() limits the total time of interim answers", async () => {
  const { answer } = await answeredBy("HTTP/1.1 100 Continue\r\n\r\n", undefined, 200);
  assertEquals([answer.status, answer.error], [null, "no answer within 200 ms"]);
});

/** Posts to a receiver that sends `first`, and then repeats `again` until nobody reads. */
async function answeredBy(
  first: string,
  again?: string,
  timeoutMs = 10_000,
): Promise<{ answer: Answer; written: number }> {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const serving = speak(listener, first, again);
  const url = new URL(`http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`);
  const client = {
    allowed: new AllowedTargets(["127.0.0.1"]),
    resolve: () => Promise.reject(new Error("an address is not looked up")),
    timeoutMs,
  };
  const answer = await post(
    { url, headers: {}, body: "{}" },
    client,
    new AbortController().signal,
  );
  return { answer, written: await within(serving, () => "the receiver goes on") };
}

async function speak(listener: Deno.TcpListener, first: string, again?: string): Promise<number> {
  using connection = await listener.accept();
  await connection.read(new Uint8Array(4096));
  const chunk = new TextEncoder().encode((again ?? "").repeat(4096));
  let written = 0;
  try {
    await writeAll(connection, new TextEncoder().encode(first));
    while (again !== undefined && written < MOST_BYTES) {
      await writeAll(connection, chunk);
      written += chunk.byteLength;
    }
    // Until the other side has gone.
    while (await connection.read(new Uint8Array(4096)) !== null);
  } catch {
    // It was cut off.
  }
  return written;
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.byteLength > 0) rest = rest.subarray(await connection.write(rest));
}
