import { assert, assertEquals } from "@std/assert";
import { Calls } from "../../../calls/calls.ts";
import { readConfig } from "../../../config/config.ts";
import type { Services } from "../../../routes/services.ts";
import { recoverCalls } from "../../../server/recovery.ts";
import { MEMORY, openSqlite } from "../../../store/sqlite/open.ts";
import { StoreUnavailable } from "../../../store/errors.ts";
import { LastingServer } from "../../support/lasting_server.ts";
import { sampleCall, START, STARTED } from "../../support/store_samples.ts";

const BUYER = "+254712345678";
const SELLER = "+254787654321";
const DEAL = {
  transcript: "I buy one hundred bags of maize.",
  parties: [{ phone: BUYER, role: "buyer", name: "Wanjirũ" }, { phone: SELLER, role: "seller" }],
  contract_type: "agricultural_supply",
  terms: { bags: 100 },
  total_amount: 150.1,
};

Deno.test("contracts and payments survive a kill, and can be completed", async () => {
  await using server = await LastingServer.start();
  const { contract_id } = await server.rest("POST", "/contracts/create", DEAL);
  const confirm = (phone: string) =>
    server.rest("POST", `/contracts/${contract_id}/confirm?phone_number=${phone}`);
  await confirm(BUYER);
  const checkout = { contract_id, amount: 150.1, currency: "KES", phone_number: BUYER };
  const { payment_id } = await server.rest("POST", "/payments/checkout", checkout);
  const read = () =>
    Promise.all(
      [
        `/contracts/${contract_id}`,
        `/contracts/${contract_id}/status`,
        `/payments/${payment_id}`,
        `/payments/contract/${contract_id}`,
        `/clients/${SELLER}/inbox`,
      ].map((path) => server.rest("GET", path)),
    );
  const before = await read();
  await server.kill();
  await server.startAgain();
  assertEquals(await read(), before);
  const callback = { transactionId: "T1", payment_id, status: "Success" };
  assertEquals((await server.rest("POST", "/payments/webhook", callback)).status, "locked");
  assertEquals((await confirm(SELLER)).status, "active");
});

Deno.test("an idempotent POST repeated after a kill returns the same answer", async () => {
  await using server = await LastingServer.start();
  const post = (path: string, body: unknown) =>
    server.ask("POST", `/api/v1${path}`, body, { "idempotency-key": `key of ${path}` });
  const contract = await post("/contracts/create", DEAL);
  const { contract_id } = contract.body;
  const request = { contract_id, amount: 10, currency: "KES", phone_number: BUYER };
  const payment = await post("/payments/checkout", request);
  const refusal = await post("/contracts/create/manual", { product: 1 });
  assertEquals([contract.status, payment.status, refusal.status], [201, 201, 422]);
  await server.kill();
  await server.startAgain();
  const again = [
    await post("/contracts/create", DEAL),
    await post("/payments/checkout", request),
    await post("/contracts/create/manual", { product: 1 }),
  ];
  assertEquals(again.map(({ body }) => body), [contract.body, payment.body, refusal.body]);
  assertEquals(again.map(({ status }) => status), [201, 201, 422]);
  assertEquals(again[0]!.headers.get("location"), contract.headers.get("location"));
  assertEquals((await post("/contracts/create", { ...DEAL, terms: {} })).status, 409);
  assertEquals((await server.rest("GET", "/contracts")).total, 1);
  const { payments } = await server.rest("GET", `/payments/contract/${contract_id}`);
  assertEquals(payments.length, 1);
});

Deno.test("an idempotent POST acts once when the server dies before it answers", async () => {
  await using server = await LastingServer.start();
  const post = () =>
    server.ask("POST", "/api/v1/contracts/create", DEAL, { "idempotency-key": "once" });
  const { body } = await post();
  await server.kill();
  // As if the server had died between the contract and the answer.
  server.change("UPDATE requests SET answer = NULL");
  await server.startAgain();
  const again = await post();
  assertEquals([again.status, again.body], [201, body]);
  assertEquals((await server.rest("GET", "/contracts")).total, 1);
});

Deno.test("recover() does not wait for a full disk", async () => {
  const store = await openSqlite(MEMORY);
  await store.calls.begin(sampleCall("a", { platformId: "in-1" }), STARTED, START);
  let full = true;
  const append = store.calls.append.bind(store.calls);
  store.calls.append = (...given) =>
    full ? Promise.reject(new StoreUnavailable("full")) : append(...given);
  const calls = new Calls({ store: store.calls, now: () => new Date(), failed: () => {} });
  const failures: unknown[] = [];
  const stopping = new AbortController();
  await recoverCalls(
    {
      calls,
      config: readConfig({}),
      failed: (error: unknown) => failures.push(error),
      log: { info() {} },
      now: () => new Date(),
      stopping: stopping.signal,
    } as unknown as Services,
  );
  assert(failures[0] instanceof StoreUnavailable);
  assertEquals(calls.byPlatformId("inbound", "in-1")?.state, "ringing");
  full = false;
  await calls.settled();
  const call = await store.calls.call("a");
  assertEquals([call?.state, call?.endedBy, call?.cdr?.madeByUs], ["ended", "lost", true]);
  stopping.abort();
  await store.close();
});
