/** Lists and transcripts that are longer than anybody should read at once. */
import { assert, assertEquals } from "@std/assert";
import { CallTranscript } from "../../../routes/rest/call_transcript.ts";
import { TestServer } from "../../support/server.ts";
import { within } from "../../support/arrivals.ts";
import { Api, parse, refused } from "../../support/contract_api.ts";
import { ContractListAnswer, PaymentListAnswer } from "../../../contracts/schemas.ts";
import { databaseFile } from "../../support/database_file.ts";
import { answerTo } from "../../support/http.ts";
import { LONG_CALL, writeLongCall } from "../../support/long_call.ts";

const PATH = `/api/v1/calls/${LONG_CALL}/transcript`;

/** Counts the parts of transcripts that a server reads; `left` resolves when the reader has left. */
function countParts({ server }: TestServer): { parts: number; left: Promise<unknown> } {
  const { pages } = server.services.store;
  const read = pages.transcript;
  const left = Promise.withResolvers<unknown>();
  const counted = { parts: 0, left: left.promise };
  pages.transcript = (page, signal) => {
    counted.parts++;
    signal?.addEventListener("abort", left.resolve);
    return read(page, signal);
  };
  return counted;
}

Deno.test("GET /transcript streams a long call part by part, each line once", async () => {
  await using file = await databaseFile();
  await writeLongCall(file.path, 10_000);
  await using server = await TestServer.start({ settings: { DATABASE_URL: file.url } });
  const counted = countParts(server);
  const response = await answerTo(server.http(PATH));
  const { transcript, after } = CallTranscript.parse(await response.json());
  assertEquals(transcript.map(({ seq }) => seq), Array.from({ length: 10_000 }, (_, at) => at + 2));
  assertEquals(after, 10_001);
  assert(counted.parts >= 5, `${counted.parts} parts`);
});

Deno.test("GET /transcript returns a page with limit, and the rest after it", async () => {
  await using file = await databaseFile();
  await writeLongCall(file.path, 30);
  await using server = await TestServer.start({ settings: { DATABASE_URL: file.url } });
  const seqs: number[] = [];
  for (let [last, page] = [0, 4]; page === 4;) {
    const response = await answerTo(server.http(`${PATH}?after=${last}&limit=4`));
    const { transcript, after } = CallTranscript.parse(await response.json());
    seqs.push(...transcript.map(({ seq }) => seq));
    [last, page] = [after, transcript.length];
  }
  assertEquals(seqs, Array.from({ length: 30 }, (_, at) => at + 2));
  const none = await answerTo(server.http(`${PATH}?after=500`));
  assertEquals(await none.json(), { transcript: [], after: 500 });
});

Deno.test("GET /transcript stops reading when its client has left", async () => {
  await using file = await databaseFile();
  const lines = 200_000;
  await writeLongCall(file.path, lines);
  const server = await TestServer.start({ settings: { DATABASE_URL: file.url } });
  const counted = countParts(server);
  const response = await fetch(server.http(PATH));
  const reader = response.body!.getReader();
  await within(reader.read(), () => "the transcript does not begin");
  await reader.cancel();
  await within(counted.left, () => `${counted.parts} parts were read`);
  const { parts } = counted;
  assert(parts < lines / 2000, `${parts} parts were read`);
  // It resolves when every answer has been given, or given up.
  await server.stop();
  assertEquals(counted.parts, parts);
});

Deno.test("HEAD /transcript reads one part", async () => {
  await using file = await databaseFile();
  await writeLongCall(file.path, 10_000);
  await using server = await TestServer.start({ settings: { DATABASE_URL: file.url } });
  const counted = countParts(server);
  const response = await answerTo(server.http(PATH), { method: "HEAD" });
  assertEquals([response.status, counted.parts], [200, 1]);
});

Deno.test("a server stops while a client reads nothing of a long transcript", async () => {
  await using file = await databaseFile();
  await writeLongCall(file.path, 200_000);
  const server = await TestServer.start({ settings: { DATABASE_URL: file.url } });
  const response = await fetch(server.http(PATH));
  await server.stop();
  await response.body!.cancel().catch(() => {});
});

Deno.test("GET /contracts continues at its next_cursor, while contracts are created", async () => {
  await using api = await Api.open();
  const made: string[] = [];
  for (let count = 0; count < 7; count++) made.unshift(await api.deal());
  const list = async (query: string) =>
    parse(ContractListAnswer, await api.ask("GET", `/contracts${query}`));
  const first = await list("?limit=3");
  assertEquals([first.total, first.limit, first.offset], [7, 3, 0]);
  const newer = await api.deal();
  const second = await list(`?limit=3&cursor=${first.next_cursor}`);
  const third = await list(`?limit=3&cursor=${second.next_cursor}`);
  const ids = [first, second, third].flatMap(({ contracts }) =>
    contracts.map(({ contract_id }) => contract_id)
  );
  assertEquals(ids, made);
  assertEquals([third.next_cursor, third.total], [undefined, 8]);
  assertEquals((await list("?limit=1")).contracts[0]!.contract_id, newer);
});

Deno.test("GET /contracts refuses a large offset, and names the cursor instead", async () => {
  await using api = await Api.open();
  await api.deal();
  assertEquals((await api.ask("GET", "/contracts?offset=10000")).status, 200);
  const answer = await api.ask("GET", "/contracts?offset=99000");
  refused(answer, 400, "Cannot skip 99000 contracts: an offset is at most 10000");
  assertEquals((await api.ask("GET", "/contracts?cursor=x")).status, 422);
});

Deno.test("GET /payments/contract/{id} is paged", async () => {
  await using api = await Api.open();
  const contract_id = await api.deal();
  const made: string[] = [];
  for (let count = 0; count < 5; count++) made.unshift(await api.checkout(contract_id));
  const seen: string[] = [];
  for (let cursor = ""; cursor !== "end";) {
    const path = `/payments/contract/${contract_id}?limit=2${cursor}`;
    const page = parse(PaymentListAnswer, await api.ask("GET", path));
    seen.push(...page.payments.map(({ payment_id }) => payment_id));
    cursor = page.next_cursor === undefined ? "end" : `&cursor=${page.next_cursor}`;
  }
  assertEquals(seen, made);
});
