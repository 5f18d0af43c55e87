import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { z } from "zod";
import { LocalBus } from "../bus/local.ts";
import { ContractBook } from "../contracts/book.ts";
import { MemoryContractStore } from "../contracts/memory_store.ts";
import type { ContractNews } from "../contracts/news.ts";
import {
  ConfirmAnswer,
  ContractAnswer,
  ContractListAnswer,
  ContractStatusAnswer,
  PaymentAnswer,
  PaymentListAnswer,
} from "../contracts/schemas.ts";
import { contractRoutes } from "../routes/contracts.ts";
import { Keys } from "../routes/keys.ts";
import { paymentRoutes } from "../routes/payments.ts";
import { dispatcher } from "../routes/table.ts";

const BUYER = "+254712345678";
const SELLER = "+254787654321";
const PARTIES = [
  { phone: "254 712-345678", role: "buyer", name: "Wanjiru" },
  { phone: SELLER, role: "seller" },
];
const DEAL = {
  transcript: "I buy one hundred bags of maize.",
  parties: PARTIES,
  contract_type: "agricultural_supply",
  terms: { product: "maize" },
  total_amount: 150.1,
  currency: "KES",
};

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** The REST API on a port of its own. */
class Api implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(keys: readonly string[] = []) {
    const fail = (error: unknown) => {
      throw error;
    };
    const book = new ContractBook({
      store: new MemoryContractStore(),
      bus: new LocalBus<ContractNews>(fail),
      now: () => new Date(),
    });
    const handler = dispatcher({
      routes: [...contractRoutes(book), ...paymentRoutes(book)],
      keys: new Keys(keys),
      allowedOrigins: [],
      stopping: new AbortController().signal,
      failed: (error) => console.error(error),
    });
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  }

  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    return await this.send(path, {
      method,
      ...(body === undefined ? {} : {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
  }

  async send(path: string, init: RequestInit): Promise<Answer> {
    const url = `http://127.0.0.1:${this.#server.addr.port}/api/v1${path}`;
    const response = await fetch(url, init);
    const { status, headers } = response;
    return { status, headers, body: await response.json() };
  }

  async deal(): Promise<string> {
    return parse(ContractAnswer, await this.ask("POST", "/contracts/create", DEAL), 201)
      .contract_id;
  }

  async checkout(contract_id: string): Promise<string> {
    const request = { contract_id, amount: 150.1, currency: "KES", phone_number: BUYER };
    return parse(PaymentAnswer, await this.ask("POST", "/payments/checkout", request), 201)
      .payment_id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  { status, body }: Answer,
  expected = 200,
): z.output<Schema> {
  assertEquals(status, expected, JSON.stringify(body));
  return schema.parse(body);
}

function refused({ status, headers, body }: Answer, expected: number, detail: string): void {
  assertEquals(status, expected, JSON.stringify(body));
  assertEquals(headers.get("content-type"), "application/problem+json");
  assertStringIncludes(String(body.detail), detail);
}

function faultyFields({ status, body }: Answer): string[] {
  assertEquals(status, 422, JSON.stringify(body));
  return (body.errors as { field: string }[]).map(({ field }) => field);
}

Deno.test("POST /contracts/create opens a contract", async () => {
  await using api = new Api();
  const answer = await api.ask("POST", "/contracts/create", DEAL);
  const contract = parse(ContractAnswer, answer, 201);
  assertMatch(contract.contract_id, /^AG-\d{6}-[0-9A-F]{6}$/);
  assertEquals(answer.headers.get("location"), `/api/v1/contracts/${contract.contract_id}`);
  assertEquals(contract.status, "pending");
  assertEquals(contract.total_amount, 150.1);
  assertEquals(contract.parties, [
    { phone_number: BUYER, role: "buyer", name: "Wanjiru" },
    { phone_number: SELLER, role: "seller", name: null },
  ]);
  assertEquals(contract.transcript, DEAL.transcript);
  const lifeMs = Date.parse(contract.expires_at) - Date.parse(contract.created_at);
  assertEquals(lifeMs, 30 * 24 * 60 * 60 * 1000);
});

Deno.test("POST /contracts/create names every field that is wrong", async () => {
  await using api = new Api();
  const create = async (wrong: object) =>
    faultyFields(await api.ask("POST", "/contracts/create", { ...DEAL, ...wrong }));
  const [buyer, seller] = PARTIES;
  assertEquals(await create({ parties: [buyer] }), ["parties"]);
  assertEquals(await create({ parties: [buyer, { ...buyer, phone: BUYER }] }), ["parties.1.phone"]);
  assertEquals(await create({ parties: [buyer, { ...seller, role: "thief" }] }), [
    "parties.1.role",
  ]);
  assertEquals(await create({ parties: [{ ...buyer, phone: "0712345678" }, seller] }), [
    "parties.0.phone",
  ]);
  assertEquals(await create({ transcript: "", terms: [], contract_type: "gift" }), [
    "transcript",
    "contract_type",
    "terms",
  ]);
  assertEquals(await create({ total_amount: 1.005 }), ["total_amount"]);
  assertEquals(await create({ total_amount: "150" }), ["total_amount"]);
  assertEquals(await create({ total_amount: -1 }), ["total_amount"]);
  assertEquals(await create({ currency: "XYZ" }), ["currency"]);
  const bare = { total_amount: undefined, currency: undefined };
  assertEquals(await create({ ...bare, terms: { total_amount: 0.5, currency: "UGX" } }), [
    "terms.total_amount",
  ]);
  assertEquals(await create({ ...bare, terms: { currency: "shillings" } }), ["terms.currency"]);
});

Deno.test("POST /contracts/create refuses bodies that are no JSON", async () => {
  await using api = new Api();
  const send = (body: BodyInit, type: string) =>
    api.send("/contracts/create", { method: "POST", body, headers: { "content-type": type } });
  refused(await send("{", "application/json"), 400, "not JSON");
  refused(await send("", "application/json"), 400, "not JSON");
  refused(await send("a=1", "application/x-www-form-urlencoded"), 415, "application/json");
  assertEquals(faultyFields(await send("null", "application/json")), [""]);
  const nested = `{"terms":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
  assertEquals((await send(nested, "application/json")).status, 422);
});

Deno.test("POST /contracts/create/manual opens a contract", async () => {
  await using api = new Api();
  const form = {
    product: "tomatoes",
    quantity: "3",
    unit: "crates",
    unit_price: 300,
    total_amount: 900,
    delivery_location: null,
    parties: PARTIES,
    contract_type: "goods_purchase",
  };
  const contract = parse(
    ContractAnswer,
    await api.ask("POST", "/contracts/create/manual", form),
    201,
  );
  assertMatch(contract.contract_id, /^GP-/);
  assertEquals([contract.total_amount, contract.currency], [900, "KES"]);
  assertEquals(contract.terms.unit, "crates");
  assertEquals("transcript" in contract, false);
  const wrong = { ...form, product: undefined, total_amount: undefined };
  assertEquals(faultyFields(await api.ask("POST", "/contracts/create/manual", wrong)), [
    "product",
    "total_amount",
  ]);
  const halves = { ...form, total_amount: 0.5, currency: "ugx" };
  assertEquals(faultyFields(await api.ask("POST", "/contracts/create/manual", halves)), [
    "total_amount",
  ]);
});

Deno.test("GET /contracts and /contracts/ list the same", async () => {
  await using api = new Api();
  const ids = [await api.deal(), await api.deal(), await api.deal()].reverse();
  await api.ask("PUT", `/contracts/${ids[0]}`, { status: "cancelled" });
  const list = async (path: string) => parse(ContractListAnswer, await api.ask("GET", path));
  const all = await list("/contracts/");
  assertEquals(all.contracts.map(({ contract_id }) => contract_id), ids);
  assertEquals([all.limit, all.offset, all.total], [50, 0, 3]);
  assertEquals(await list("/contracts"), all);
  const page = await list("/contracts/?limit=1&offset=1");
  assertEquals(page.contracts.map(({ contract_id }) => contract_id), ids.slice(1, 2));
  assertEquals([page.limit, page.offset, page.total], [1, 1, 3]);
  assertEquals((await list("/contracts/?status=pending")).total, 2);
  // A plus that is not encoded arrives as a space.
  assertEquals((await list(`/contracts?phone_number=${BUYER}`)).total, 3);
  assertEquals((await list(`/contracts?phone_number=%2B254700000000`)).total, 0);
});

Deno.test("GET /contracts/ names every parameter that is wrong", async () => {
  await using api = new Api();
  const wrong = await api.ask("GET", "/contracts/?limit=201&offset=-1&status=new&phone_number=x");
  assertEquals(faultyFields(wrong), ["limit", "offset", "status", "phone_number"]);
  assertEquals(faultyFields(await api.ask("GET", "/contracts/?limit=ten")), ["limit"]);
  assertEquals(faultyFields(await api.ask("GET", "/contracts/?limit=")), ["limit"]);
});

Deno.test("GET /contracts/:id reads a contract", async () => {
  await using api = new Api();
  const id = await api.deal();
  const contract = parse(ContractAnswer, await api.ask("GET", `/contracts/${id}`));
  assertEquals(contract.contract_id, id);
  refused(await api.ask("GET", "/contracts/contract_123"), 404, "no contract contract_123");
});

Deno.test("PUT /contracts/:id moves a contract and says what is allowed instead", async () => {
  await using api = new Api();
  const id = await api.deal();
  const put = (body: object) => api.ask("PUT", `/contracts/${id}`, body);
  const changed = parse(ContractAnswer, await put({ status: "confirmed", terms: { bags: 7 } }));
  assertEquals([changed.status, changed.terms], ["confirmed", { product: "maize", bags: 7 }]);
  assertEquals(parse(ContractAnswer, await put({ status: "confirmed" })).status, "confirmed");
  const illegal = await put({ status: "pending" });
  refused(
    illegal,
    409,
    `Cannot move contract ${id} from "confirmed" to "pending"; allowed: active`,
  );
  assertEquals(illegal.body.allowed, ["active", "disputed", "cancelled"]);
  assertEquals([illegal.body.from, illegal.body.to], ["confirmed", "pending"]);
  refused(await put({ terms: { bags: 8 } }), 409, "it is confirmed");
  assertEquals(faultyFields(await put({})), [""]);
  assertEquals(faultyFields(await put({ status: null, terms: null })), [""]);
  assertEquals(faultyFields(await put({ status: "sleeping" })), ["status"]);
  refused(await api.ask("PUT", "/contracts/none", { status: "active" }), 404, "none");
});

Deno.test("PUT /contracts/:id names the total of the terms when it is wrong", async () => {
  await using api = new Api();
  const id = await api.deal();
  const answer = await api.ask("PUT", `/contracts/${id}`, { terms: { total_amount: 1.005 } });
  assertEquals(faultyFields(answer), ["terms.total_amount"]);
});

Deno.test("POST /contracts/:id/confirm signs, and confirms with the last party", async () => {
  await using api = new Api();
  const id = await api.deal();
  const confirm = (phone: string) =>
    api.ask("POST", `/contracts/${id}/confirm?phone_number=${phone}`);
  const first = parse(ConfirmAnswer, await confirm(BUYER));
  assertEquals([first.status, first.signed_by, first.all_signed], ["pending", BUYER, false]);
  assertEquals(first.progress, { signed: 1, total: 2, complete: false });
  assertEquals(parse(ConfirmAnswer, await confirm("%2B254712345678")), first);
  const last = parse(ConfirmAnswer, await confirm(SELLER));
  assertEquals([last.status, last.all_signed], ["confirmed", true]);
  refused(await confirm("+254700000000"), 404, "not one of the parties");
  assertEquals(faultyFields(await confirm("nobody")), ["phone_number"]);
  assertEquals(faultyFields(await api.ask("POST", `/contracts/${id}/confirm`)), ["phone_number"]);
  const unknown = await api.ask("POST", `/contracts/none/confirm?phone_number=${BUYER}`);
  refused(unknown, 404, "no contract none");
});

Deno.test("POST /contracts/:id/confirm refuses a contract that is over", async () => {
  await using api = new Api();
  const id = await api.deal();
  await api.ask("PUT", `/contracts/${id}`, { status: "cancelled" });
  const answer = await api.ask("POST", `/contracts/${id}/confirm?phone_number=${BUYER}`);
  refused(answer, 409, "allowed: nothing");
  assertEquals(answer.body.allowed, []);
});

Deno.test("GET /contracts/:id/status shows each party's signature", async () => {
  await using api = new Api();
  const id = await api.deal();
  await api.ask("POST", `/contracts/${id}/confirm?phone_number=${SELLER}`);
  const status = parse(ContractStatusAnswer, await api.ask("GET", `/contracts/${id}/status`));
  assertEquals(status.contract_id, id);
  assertEquals(status.confirmed_at, null);
  assertEquals(
    status.signatures.map(({ phone_number, status }) => [phone_number, status]),
    [[BUYER, "pending"], [SELLER, "signed"]],
  );
  await api.ask("POST", `/contracts/${id}/confirm?phone_number=${BUYER}`);
  const after = parse(ContractStatusAnswer, await api.ask("GET", `/contracts/${id}/status`));
  assertEquals(after.confirmed_at, after.signatures[0]?.signed_at);
  refused(await api.ask("GET", "/contracts/none/status"), 404, "no contract none");
});

Deno.test("POST /payments/checkout records a payment", async () => {
  await using api = new Api();
  const contract_id = await api.deal();
  const request = { contract_id, amount: 150.1, currency: "KES", phone_number: "254712345678" };
  const answer = await api.ask("POST", "/payments/checkout", request);
  const payment = parse(PaymentAnswer, answer, 201);
  assertMatch(payment.payment_id, /^PY-\d{6}-[0-9A-F]{6}$/);
  assertEquals(answer.headers.get("location"), `/api/v1/payments/${payment.payment_id}`);
  const { payment_id: _id, created_at: _at, ...rest } = payment;
  assertEquals(rest, {
    contract_id,
    transaction_id: null,
    status: "pending",
    amount: 150.1,
    currency: "KES",
    phone_number: BUYER,
    payment_type: "escrow",
  });
  const read = await api.ask("GET", `/payments/${payment.payment_id}`);
  assertEquals(parse(PaymentAnswer, read), payment);
});

Deno.test("POST /payments/checkout refuses what does not fit the contract", async () => {
  await using api = new Api();
  const contract_id = await api.deal();
  const checkout = (wrong: object) =>
    api.ask("POST", "/payments/checkout", {
      contract_id,
      amount: 10,
      currency: "KES",
      phone_number: BUYER,
      ...wrong,
    });
  assertEquals(faultyFields(await checkout({ amount: 0 })), ["amount"]);
  assertEquals(faultyFields(await checkout({ amount: 0.001 })), ["amount"]);
  assertEquals(
    faultyFields(await checkout({ currency: "???", phone_number: 1, payment_type: "gift" })),
    ["currency", "phone_number", "payment_type"],
  );
  refused(await checkout({ currency: "USD" }), 409, "its currency is KES");
  refused(await checkout({ contract_id: "none" }), 404, "no contract none");
  await api.ask("PUT", `/contracts/${contract_id}`, { status: "cancelled" });
  refused(await checkout({}), 409, "it is cancelled");
});

Deno.test("POST /payments/webhook settles a payment, however often it is called", async () => {
  await using api = new Api();
  const contract_id = await api.deal();
  for (const phone of [BUYER, SELLER]) {
    await api.ask("POST", `/contracts/${contract_id}/confirm?phone_number=${phone}`);
  }
  const payment_id = await api.checkout(contract_id);
  const hook = (body: object) => api.ask("POST", "/payments/webhook", body);
  const callback = { transactionId: "ATP1", payment_id, status: "Success", value: "KES 150.10" };
  const settled = parse(PaymentAnswer, await hook(callback));
  assertEquals([settled.status, settled.transaction_id], ["locked", "ATP1"]);
  assertEquals(parse(PaymentAnswer, await hook(callback)), settled);
  const again = await hook({ transactionId: "ATP1", status: "success" });
  assertEquals(parse(PaymentAnswer, again), settled);
  const contract = parse(ContractAnswer, await api.ask("GET", `/contracts/${contract_id}`));
  assertEquals(contract.status, "active");
  const illegal = await hook({ transactionId: "ATP1", status: "Failed" });
  refused(illegal, 409, `Cannot move payment ${payment_id} from "locked" to "failed"`);
  assertEquals(illegal.body.allowed, ["released", "refunded"]);
  refused(await hook({ transactionId: "ATP2", status: "Success" }), 404, "ATP2");
  refused(await hook({ ...callback, transactionId: "ATP2" }), 409, "it belongs to ATP1");
  assertEquals(faultyFields(await hook({ status: "Success" })), ["transactionId"]);
  assertEquals(faultyFields(await hook({ transactionId: "ATP1" })), ["status"]);
  assertEquals(faultyFields(await hook({ ...callback, status: "Perhaps" })), ["status"]);
});

Deno.test("GET /payments/:id does not know every payment", async () => {
  await using api = new Api();
  refused(await api.ask("GET", "/payments/PY-1"), 404, "no payment PY-1");
});

Deno.test("GET /payments/contract/:contract_id lists the payments of a contract", async () => {
  await using api = new Api();
  const contract_id = await api.deal();
  const list = async () =>
    parse(PaymentListAnswer, await api.ask("GET", `/payments/contract/${contract_id}`));
  assertEquals(await list(), { contract_id, payments: [] });
  const ids = [await api.checkout(contract_id), await api.checkout(contract_id)].reverse();
  assertEquals((await list()).payments.map(({ payment_id }) => payment_id), ids);
  refused(await api.ask("GET", "/payments/contract/none"), 404, "no contract none");
});

Deno.test("contracts and payments ask for a key where keys are set", async () => {
  await using api = new Api(["secret"]);
  const requests = [
    ["POST", "/contracts/create"],
    ["POST", "/contracts/create/manual"],
    ["GET", "/contracts"],
    ["GET", "/contracts/"],
    ["GET", "/contracts/x"],
    ["PUT", "/contracts/x"],
    ["POST", "/contracts/x/confirm"],
    ["GET", "/contracts/x/status"],
    ["POST", "/payments/checkout"],
    ["POST", "/payments/webhook"],
    ["GET", "/payments/x"],
    ["GET", "/payments/contract/x"],
  ] as const;
  for (const [method, path] of requests) refused(await api.ask(method, path), 401, "Show a key");
  assertEquals((await api.ask("GET", "/contracts/?key=secret")).status, 200);
});
