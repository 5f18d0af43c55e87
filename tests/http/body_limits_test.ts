/** Bodies that are too long, too slow, or unexpected, over real connections. */
import { assert, assertEquals } from "@std/assert";
import { within } from "../support/arrivals.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { TestServer } from "../support/server.ts";

const JSON_TYPE = { "content-type": "application/json" };
const CREATE = "/api/v1/contracts/create";

Deno.test("LIMIT_BODY_BYTES: a longer body gets 413, and its connection is closed", async () => {
  await using server = await TestServer.start({ settings: { LIMIT_BODY_BYTES: "1024" } });
  const lengths: Record<string, string>[] = [
    { "content-length": "9000" },
    { "transfer-encoding": "chunked" },
  ];
  for (const length of lengths) {
    using raw = await RawSocket.connect(server.port);
    await raw.request("POST", CREATE, { ...JSON_TYPE, ...length });
    const chunked = "transfer-encoding" in length;
    await raw.write(chunked ? `400\r\n${"x".repeat(1024)}\r\n1\r\nx\r\n` : "x".repeat(1025));
    assertEquals((await raw.answer()).status, 413);
    await ends(raw);
  }
  assertEquals(server.server.services.admission.refusals.of("body too large"), 2);
});

Deno.test("LIMIT_BODY_MS: a slower body gets 408, and its connection is closed", async () => {
  await using server = await TestServer.start({ settings: { LIMIT_BODY_MS: "100" } });
  using raw = await RawSocket.connect(server.port);
  await raw.request("POST", CREATE, { ...JSON_TYPE, "content-length": "9" });
  await raw.write("{");
  assertEquals((await raw.answer()).status, 408);
  await ends(raw);
  assertEquals(server.server.services.admission.refusals.of("body too slow"), 1);
});

Deno.test("LIMIT_BODY_BYTES: a body of exactly the limit is read", async () => {
  await using server = await TestServer.start({ settings: { LIMIT_BODY_BYTES: "1024" } });
  using raw = await RawSocket.connect(server.port);
  await raw.request("POST", CREATE, { ...JSON_TYPE, "content-length": "1024" });
  await raw.write("{}".padEnd(1024));
  assertEquals((await raw.answer()).status, 422);
});

for (
  const [what, method, path, status] of [
    ["no route", "POST", "/api/v1/nowhere", 404],
    ["a wrong method", "DELETE", "/api/v1/calls", 405],
  ] as const
) {
  Deno.test(`an endless body for ${what} is not read`, async () => {
    await using server = await TestServer.start();
    using raw = await RawSocket.connect(server.port);
    await raw.request(method, path, { ...JSON_TYPE, "content-length": "99999999999" });
    assertEquals((await raw.answer()).status, status);
    const chunk = new Uint8Array(1024 ** 2);
    let written = 0;
    try {
      for (; written < 256; written++) await raw.write(chunk);
    } catch {
      // It was cut off.
    }
    assert(written < 256, `the server has read ${written} MiB that nobody wants`);
  });
}

/** Reads until the server has closed the connection. */
async function ends(raw: RawSocket): Promise<void> {
  const gone = async () => {
    try {
      await raw.write("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n");
      while ((await raw.answer()).status !== 200);
    } catch {
      return true;
    }
    return false;
  };
  assertEquals(await within(gone(), () => "it stays open"), true, "another request is answered");
}
