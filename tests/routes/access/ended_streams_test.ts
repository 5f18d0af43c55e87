/** Long answers end with the key of their reader, in the middle. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { HttpRoute } from "../../../http/route.ts";
import { within } from "../../support/arrivals.ts";
import { databaseFile } from "../../support/database_file.ts";
import { bearer, KeyedServer, ROOT_KEY } from "../../support/keyed_server.ts";
import { LONG_CALL, writeLongCall } from "../../support/long_call.ts";

const GONE_WITHIN_MS = 5000;
const LINES = 300_000;

/** Reads to the end. */
async function rest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<number> {
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes += value.byteLength;
  }
}

for (const transport of ["native", "hardened"] as const) {
  Deno.test(`a revoked key: a transcript that is being read breaks off, over ${transport}`, async () => {
    await using file = await databaseFile();
    await writeLongCall(file.path, LINES);
    const settings = { DATABASE_URL: file.url, TRANSPORT: transport };
    await using server = await KeyedServer.start({ settings });
    const { id, key } = await server.key({ scopes: ["calls:read"] });
    const { pages } = server.test.server.services.store;
    const read = pages.transcript;
    let parts = 0;
    pages.transcript = (page, signal) => {
      parts++;
      return read(page, signal);
    };
    const url = server.test.http(`/api/v1/calls/${LONG_CALL}/transcript`);
    const response = await within(fetch(url, { headers: bearer(key) }), () => "no answer");
    const reader = response.body!.getReader();
    await within(reader.read(), () => "the transcript does not begin");
    assertEquals((await server.ask(ROOT_KEY, "DELETE", `/keys/${id}`)).status, 204);
    const partsThen = parts;
    // It is no whole answer, and does not look like one.
    await assertRejects(() => within(rest(reader), () => "it goes on", GONE_WITHIN_MS), TypeError);
    assert(parts <= partsThen + 1, `${parts - partsThen} parts were read after the end of the key`);
    assert(!server.test.log.all.some(({ level }) => level === "error"));
  });
}

/** What a route answers to a holder of a new key, without a transport that would take it in advance. */
async function answered(
  server: KeyedServer,
  path: string,
  { params = {}, query = {} }: { params?: Record<string, string>; query?: object },
) {
  const { routes, services: { access } } = server.test.server;
  const { id, key } = await server.key({ scopes: ["all"] });
  const route = routes.find((each): each is HttpRoute =>
    each.method === "GET" && each.path === path
  )!;
  const url = new URL(server.test.http(path));
  const holder = access.keys.find(key);
  const visit = { params, url, holder, address: "::1", actor: "", requestId: "r" };
  const request = new Request(url);
  const response = await route.answer({ ...visit, request }, { body: undefined, query });
  return { response, end: () => server.ask(ROOT_KEY, "DELETE", `/keys/${id}`) };
}

async function breaksOff(
  { response, end }: Awaited<ReturnType<typeof answered>>,
  wholeBytes: number,
): Promise<void> {
  assertEquals(response.status, 200);
  const reader = response.body!.getReader();
  const first = (await within(reader.read(), () => "it does not begin")).value!;
  assert(first.byteLength < wholeBytes, `${first.byteLength} bytes come at once`);
  assertEquals((await end()).status, 204);
  await assertRejects(
    () => within(rest(reader), () => "it goes on", GONE_WITHIN_MS),
    Error,
    "the key of the reader has ended",
  );
}

const LONG_TEXT_BYTES = 500_000;

Deno.test("a revoked key: CDRs as CSV that are being read break off", async () => {
  await using server = await KeyedServer.start();
  const { pages } = server.test.server.services.store;
  pages.calls = () =>
    Promise.resolve({
      items: new Uint8Array(LONG_TEXT_BYTES).fill(10),
      count: 1,
      last: null,
      seen: { startedAt: new Date(), id: "c" },
      rest: "none" as const,
    });
  const query = { format: "csv", limit: 500 };
  const reading = await answered(server, "/api/v1/cdrs", { query });
  assertEquals(reading.response.headers.get("content-type")?.split(";")[0], "text/csv");
  await breaksOff(reading, LONG_TEXT_BYTES);
});

Deno.test("a revoked key: a recording that is being fetched breaks off", async () => {
  await using file = await databaseFile();
  await writeLongCall(file.path, 1);
  await using server = await KeyedServer.start({ settings: { DATABASE_URL: file.url } });
  const { calls, recordings } = server.test.server.services;
  const find = calls.find.bind(calls);
  calls.find = async (id) => {
    const call = await find(id);
    return call && { ...call, recording: "over" };
  };
  const wav = await Deno.makeTempFile();
  try {
    await Deno.writeFile(wav, new Uint8Array(LONG_TEXT_BYTES));
    recordings.pathOf = () => wav;
    const path = "/api/v1/calls/:id/recording";
    await breaksOff(await answered(server, path, { params: { id: LONG_CALL } }), LONG_TEXT_BYTES);
  } finally {
    await Deno.remove(wav);
  }
});

Deno.test("a long answer is whole while the key of its reader lasts", async () => {
  await using server = await KeyedServer.start();
  const { pages } = server.test.server.services.store;
  const items = crypto.getRandomValues(new Uint8Array(60_000));
  pages.calls = ({ limit }) =>
    Promise.resolve({
      items,
      count: 1,
      last: null,
      seen: { startedAt: new Date(), id: "c" },
      rest: limit === 1 ? "none" as const : "unread" as const,
    });
  const query = { format: "ndjson", limit: 8 };
  const { response } = await answered(server, "/api/v1/cdrs", { query });
  const bytes = await within(response.bytes(), () => "it does not end");
  assertEquals(bytes.length, 8 * items.length);
  for (let at = 0; at < 8; at++) {
    assertEquals(bytes.subarray(at * items.length, (at + 1) * items.length), items);
  }
});
