/** The allowed senders of a payment provider's callbacks. */
import { assertEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import { type Answer, refused, RestServer } from "../../support/rest.ts";

const KEY = "sesame-sesame-sesame-sesame";
const BEARER = { authorization: `Bearer ${KEY}` };
const SECRET = "the provider's secret";
const SIGNED = {
  APPS: "",
  PAYMENT_CALLBACK_SECRET: SECRET,
  PAYMENT_CALLBACK_HEADER: "X-Paystack-Signature",
  PAYMENT_CALLBACK_ALGORITHM: "sha512",
};

/** Posts the callback that settles a new payment. */
async function callback(
  server: RestServer,
  headers: (body: string) => Record<string, string>,
): Promise<Answer> {
  const { body: { contract_id } } = await server.ask("POST", "/contracts/create", {
    transcript: "I buy one hundred bags of maize.",
    parties: [{ phone: "+254712345678", role: "buyer" }, {
      phone: "+254787654321",
      role: "seller",
    }],
    total_amount: 10,
    currency: "KES",
  }, BEARER);
  const checkout = { contract_id, amount: 10, currency: "KES", phone_number: "+254712345678" };
  const { body: { payment_id } } = await server.ask("POST", "/payments/checkout", checkout, BEARER);
  // Written unlike any of our encoders would: the signature is that of these bytes.
  const body =
    `{ "payment_id":"${payment_id}",  "status":"Success", "transactionId":"T-${payment_id}" }`;
  const answer = await server.ask("POST", "/payments/webhook", body, {
    "content-type": "application/json",
    ...headers(body),
  });
  const { body: { status } } = await server.ask(
    "GET",
    `/payments/${payment_id}`,
    undefined,
    BEARER,
  );
  assertEquals(status === "pending", answer.status !== 200);
  return answer;
}

const sign = (body: string, secret = SECRET) => ({
  "x-paystack-signature": createHmac("sha512", secret).update(body).digest("hex"),
});

Deno.test("payment callbacks: a signed one needs no key, and one with neither gets 401", async () => {
  await using server = await RestServer.start({ ...SIGNED, API_KEYS: KEY });
  assertEquals((await callback(server, (body) => sign(body))).status, 200);
  refused(await callback(server, () => ({})), 401);
  assertEquals((await callback(server, () => BEARER)).status, 200);
});

Deno.test("payment callbacks: a wrong signature gets 401, even with a key", async () => {
  await using server = await RestServer.start({ ...SIGNED, API_KEYS: KEY });
  const wrong = [sign("another body"), { "x-paystack-signature": "" }];
  for (const headers of wrong) {
    refused(await callback(server, () => headers), 401, "does not match the body");
    refused(await callback(server, () => ({ ...headers, ...BEARER })), 401);
  }
  refused(await callback(server, (body) => sign(body, "not the secret")), 401);
});

Deno.test("payment callbacks: with a secret set, signatures are required on loopback without keys too", async () => {
  await using server = await RestServer.start(SIGNED);
  refused(await callback(server, () => ({})), 401);
  // Everybody knows this key.
  refused(await callback(server, () => ({ authorization: "Bearer dev" })), 401);
  assertEquals((await callback(server, (body) => sign(body))).status, 200);
});

Deno.test("payment callbacks: a signature opens no other route", async () => {
  await using server = await RestServer.start({ ...SIGNED, API_KEYS: KEY });
  refused(await server.ask("POST", "/payments/checkout", "{}", sign("{}")), 401);
});

Deno.test("payment callbacks: a replayed one is refused once it is old", async () => {
  await using server = await RestServer.start({
    PAYMENT_CALLBACK_SECRET: SECRET,
    API_KEYS: KEY,
    APPS: "",
  });
  const at = (seconds: number) => (body: string) => {
    const time = Math.floor(Date.now() / 1000) + seconds;
    const mac = createHmac("sha256", SECRET).update(`${time}.${body}`).digest("hex");
    return { "x-signature": `t=${time},v1=${mac}` };
  };
  assertEquals((await callback(server, at(0))).status, 200);
  refused(await callback(server, at(-3600)), 401, "which is not now");
});

Deno.test("payment callbacks: only configured addresses may post them, even with a key", async () => {
  const elsewhere = { APPS: "", API_KEYS: KEY, PAYMENT_CALLBACK_FROM: "192.0.2.0/24, 2001:db8::1" };
  {
    await using server = await RestServer.start({ ...SIGNED, ...elsewhere });
    refused(await callback(server, (body) => ({ ...BEARER, ...sign(body) })), 403, "127.0.0.1");
    // Nobody declared a proxy.
    const forged = { ...BEARER, "x-forwarded-for": "192.0.2.7" };
    refused(await callback(server, () => forged), 403);
  }
  await using server = await RestServer.start({ ...elsewhere, BEHIND_PROXY: "yes" });
  const through = (address: string) => () => ({ ...BEARER, "x-forwarded-for": address });
  assertEquals((await callback(server, through("192.0.2.7"))).status, 200);
  assertEquals((await callback(server, through("10.0.0.1, 2001:DB8::1"))).status, 200);
  refused(await callback(server, through("192.0.2.7, 198.51.100.7")), 403, "198.51.100.7");
});
