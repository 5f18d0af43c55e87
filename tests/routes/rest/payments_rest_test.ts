import { assertEquals, assertMatch } from "@std/assert";
import { ContractAnswer, PaymentAnswer, PaymentListAnswer } from "../../../contracts/schemas.ts";
import { Api, BUYER, faultyFields, parse, refused, SELLER } from "../../support/contract_api.ts";

Deno.test("POST /payments/checkout records a payment", async () => {
  await using api = await Api.open();
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

Deno.test("POST /payments/checkout refuses amounts and currencies that do not fit the contract", async () => {
  await using api = await Api.open();
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

Deno.test("POST /payments/webhook settles a payment once, however often it is called", async () => {
  await using api = await Api.open();
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

Deno.test("GET /payments/:id is 404 for an unknown payment", async () => {
  await using api = await Api.open();
  refused(await api.ask("GET", "/payments/PY-1"), 404, "no payment PY-1");
});

Deno.test("GET /payments/contract/:contract_id lists the payments of a contract", async () => {
  await using api = await Api.open();
  const contract_id = await api.deal();
  const list = async () =>
    parse(PaymentListAnswer, await api.ask("GET", `/payments/contract/${contract_id}`));
  assertEquals(await list(), { contract_id, payments: [] });
  const ids = [await api.checkout(contract_id), await api.checkout(contract_id)].reverse();
  assertEquals((await list()).payments.map(({ payment_id }) => payment_id), ids);
  refused(await api.ask("GET", "/payments/contract/none"), 404, "no contract none");
});

Deno.test("contracts and payments require a key where keys are set", async () => {
  await using api = await Api.open(["secret"]);
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
  for (const [method, path] of requests) refused(await api.ask(method, path), 401, "Send a key");
  assertEquals((await api.ask("GET", "/contracts/?key=secret")).status, 200);
});
