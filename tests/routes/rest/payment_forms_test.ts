/** A provider's callback as a form: the same as in JSON. */
import { assert, assertEquals } from "@std/assert";
import { PaymentAnswer } from "../../../contracts/schemas.ts";
import { readForm } from "../../../http/forms.ts";
import { openApi } from "../../../http/documents/openapi.ts";
import { paymentRoutes } from "../../../routes/rest/payments.ts";
import { type Answer, Api, faultyFields, parse, refused } from "../../support/contract_api.ts";

/** Posts a body to the webhook; by default fetch sets the content type. */
function post(api: Api, body: BodyInit, type?: string): Promise<Answer> {
  const headers: HeadersInit = type === undefined ? {} : { "content-type": type };
  return api.send("/payments/webhook", { method: "POST", body, headers });
}

function multipart(fields: Readonly<Record<string, string | Blob>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

/** A settled payment's status and transaction. */
function settled(answer: Answer): [status: string, transactionId: string | null] {
  const { status, transaction_id } = parse(PaymentAnswer, answer);
  return [status, transaction_id];
}

const SHAPES: [what: string, body: (payment_id: string) => BodyInit, type?: string][] = [
  ["URL-encoded text", (payment_id) => new URLSearchParams({ payment_id, ...PAID })],
  [
    "URL-encoded text with a charset, in capitals",
    (payment_id) => new URLSearchParams({ payment_id, ...PAID }).toString(),
    "APPLICATION/X-WWW-FORM-URLENCODED ; charset=UTF-8",
  ],
  ["parts", (payment_id) => multipart({ payment_id, ...PAID })],
  [
    "a member in brackets",
    (payment_id) => new URLSearchParams({ "requestMetadata[payment_id]": payment_id, ...PAID }),
  ],
  [
    "a member behind a dot",
    (payment_id) => multipart({ "requestMetadata.payment_id": payment_id, ...PAID }),
  ],
  [
    "JSON text in a field",
    (payment_id) => multipart({ requestMetadata: JSON.stringify({ payment_id }), ...PAID }),
  ],
  [
    "the same field twice",
    (payment_id) => `payment_id=${payment_id}&status=Success&transactionId=ATP1&status=Success`,
    "application/x-www-form-urlencoded",
  ],
  [
    "an unexpected file and empty fields",
    (payment_id) =>
      multipart({ payment_id, ...PAID, receipt: new Blob(["%PDF"]), requestMetadata: "" }),
  ],
  [
    "every field that Africa's Talking and others send",
    (payment_id) =>
      new URLSearchParams({
        payment_id,
        ...PAID,
        category: "MobileCheckout",
        provider: "Mpesa",
        productName: "escrow",
        sourceType: "PhoneNumber",
        source: "+254711000000",
        phoneNumber: "+254711000000",
        value: "KES 150.1000",
        amount: "150.10",
        description: "Payment confirmed by mobile subscriber",
        "__proto__": "x",
        "__proto__[status]": "Failed",
      }),
  ],
];
const PAID = { transactionId: "ATP1", status: "Success" };

for (const [what, body, type] of SHAPES) {
  Deno.test(`POST /payments/webhook accepts ${what}`, async () => {
    await using api = await Api.open();
    const payment_id = await api.checkout(await api.deal());
    assertEquals(settled(await post(api, body(payment_id), type)), ["locked", "ATP1"]);
    // A repeated callback changes nothing.
    assertEquals(settled(await post(api, body(payment_id), type)), ["locked", "ATP1"]);
  });
}

Deno.test("readForm() accepts fields named like members of Object.prototype", async () => {
  const body = new TextEncoder().encode('a={"b":1}&a[toString]=2&a[constructor][c]=3');
  const { a } = await readForm("application/x-www-form-urlencoded", body);
  assertEquals(JSON.stringify(a), '{"b":1,"toString":"2","constructor":{"c":"3"}}');
});

Deno.test("POST /payments/webhook names the faults of a form", async () => {
  await using api = await Api.open();
  const payment_id = await api.checkout(await api.deal());
  const form = (text: string) => post(api, text, "application/x-www-form-urlencoded");
  assertEquals(faultyFields(await form(`payment_id=${payment_id}`)), ["status"]);
  assertEquals(faultyFields(await form("status=Success")), ["transactionId"]);
  assertEquals(faultyFields(await form("")), ["status"]);
  const both = `payment_id=${payment_id}&status=Success&status=Failed`;
  assertEquals(faultyFields(await form(both)), ["status"]);
  const file = multipart({ payment_id, status: new Blob(["Success"]) });
  assertEquals(faultyFields(await post(api, file)), ["status"]);
  const payment = await api.ask("GET", `/payments/${payment_id}`);
  assertEquals(parse(PaymentAnswer, payment).status, "pending");
});

Deno.test("POST /payments/webhook refuses invalid forms and forms that are too large", async () => {
  await using api = await Api.open();
  const encoded = "application/x-www-form-urlencoded";
  refused(await post(api, new Uint8Array([0x61, 0x3d, 0xff]), encoded), 400, "UTF-8");
  refused(await post(api, "a=1", "multipart/form-data"), 400, "boundary");
  refused(await post(api, "a=1", "multipart/form-data; boundary=x"), 400, "boundary");
  refused(await post(api, "a=1&".repeat(201), encoded), 413, "more than 200 fields");
  refused(await post(api, "&".repeat(250_000), encoded), 413, "more than 200 fields");
  const many = multipart(Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`f${n}`, "1"])));
  refused(await post(api, many), 413, "more than 200 fields");
  const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n';
  const parts = `${part.repeat(4000)}--x--\r\n`;
  refused(await post(api, parts, "multipart/form-data; boundary=x"), 413, "more than 200 fields");
  refused(await post(api, `a=${"1".repeat(300_000)}`, encoded), 413, "more than 262144 bytes");
  refused(await post(api, "<a/>", "text/xml"), 415, "multipart/form-data, not text/xml");
  refused(await post(api, "{", "application/json"), 400, "not JSON");
});

Deno.test("POST /payments/webhook answers a form under an Idempotency-Key once", async () => {
  await using api = await Api.open();
  const payment_id = await api.checkout(await api.deal());
  const body = new URLSearchParams({ payment_id, ...PAID });
  const send = () =>
    api.send("/payments/webhook", { method: "POST", body, headers: { "idempotency-key": "k1" } });
  assertEquals(settled(await send()), ["locked", "ATP1"]);
  assertEquals(settled(await send()), ["locked", "ATP1"]);
});

Deno.test("only the payments webhook accepts forms", async () => {
  await using api = await Api.open();
  const form = { method: "POST", body: new URLSearchParams({ status: "Success" }) };
  refused(await api.send("/payments/checkout", form), 415, "must be application/json");
  const { paths } = openApi(paymentRoutes({ store: {} } as never)) as {
    paths: Record<string, { post?: { requestBody?: { content: object } } }>;
  };
  const types = (path: string) => Object.keys(paths[path]?.post?.requestBody?.content ?? {});
  assertEquals(types("/api/v1/payments/webhook"), [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
  ]);
  assertEquals(types("/api/v1/payments/checkout"), ["application/json"]);
  assert(!JSON.stringify(paths["/api/v1/payments/checkout"]).includes("urlencoded"));
});
