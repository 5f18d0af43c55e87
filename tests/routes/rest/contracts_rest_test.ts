import { assertEquals, assertMatch } from "@std/assert";
import {
  ConfirmAnswer,
  ContractAnswer,
  ContractListAnswer,
  ContractStatusAnswer,
} from "../../../contracts/schemas.ts";
import {
  Api,
  BUYER,
  DEAL,
  faultyFields,
  parse,
  PARTIES,
  refused,
  SELLER,
} from "../../support/contract_api.ts";

Deno.test("POST /contracts/create opens a contract", async () => {
  await using api = await Api.open();
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

Deno.test("POST /contracts/create names every invalid field", async () => {
  await using api = await Api.open();
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
  assertEquals(await create({ total_amount: -1 }), ["total_amount"]);
  assertEquals(await create({ currency: "XYZ" }), ["currency"]);
  const bare = { total_amount: undefined, currency: undefined };
  assertEquals(await create({ ...bare, terms: { total_amount: 0.5, currency: "UGX" } }), [
    "terms.total_amount",
  ]);
  assertEquals(await create({ ...bare, terms: { currency: "shillings" } }), ["terms.currency"]);
});

Deno.test("POST /contracts/create refuses bodies that are not JSON", async () => {
  await using api = await Api.open();
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
  await using api = await Api.open();
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

Deno.test("GET /contracts and /contracts/ return the same list", async () => {
  await using api = await Api.open();
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
  // An unencoded plus arrives as a space.
  assertEquals((await list(`/contracts?phone_number=${BUYER}`)).total, 3);
  assertEquals((await list(`/contracts?phone_number=%2B254700000000`)).total, 0);
});

Deno.test("GET /contracts/ names every invalid parameter", async () => {
  await using api = await Api.open();
  const wrong = await api.ask("GET", "/contracts/?limit=201&offset=-1&status=new&phone_number=x");
  assertEquals(faultyFields(wrong), ["limit", "offset", "status", "phone_number"]);
  assertEquals(faultyFields(await api.ask("GET", "/contracts/?limit=ten")), ["limit"]);
  assertEquals(faultyFields(await api.ask("GET", "/contracts/?limit=")), ["limit"]);
});

Deno.test("GET /contracts/ names a phone_number without a country", async () => {
  await using api = await Api.open();
  for (const number of ["0712345678", "5000"]) {
    const answer = await api.ask("GET", `/contracts/?phone_number=${number}`);
    assertEquals(await faultyFields(answer), ["phone_number"]);
  }
});

Deno.test("GET /contracts/:id returns a contract", async () => {
  await using api = await Api.open();
  const id = await api.deal();
  const contract = parse(ContractAnswer, await api.ask("GET", `/contracts/${id}`));
  assertEquals(contract.contract_id, id);
  refused(await api.ask("GET", "/contracts/contract_123"), 404, "no contract contract_123");
});

Deno.test("PUT /contracts/:id changes the status, and lists the allowed ones in a 409", async () => {
  await using api = await Api.open();
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

Deno.test("PUT /contracts/:id names an invalid total of the terms", async () => {
  await using api = await Api.open();
  const id = await api.deal();
  const answer = await api.ask("PUT", `/contracts/${id}`, { terms: { total_amount: 1.005 } });
  assertEquals(faultyFields(answer), ["terms.total_amount"]);
});

Deno.test("POST /contracts/:id/confirm signs, and confirms with the last signature", async () => {
  await using api = await Api.open();
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

Deno.test("POST /contracts/:id/confirm refuses a final contract", async () => {
  await using api = await Api.open();
  const id = await api.deal();
  await api.ask("PUT", `/contracts/${id}`, { status: "cancelled" });
  const answer = await api.ask("POST", `/contracts/${id}/confirm?phone_number=${BUYER}`);
  refused(answer, 409, "allowed: nothing");
  assertEquals(answer.body.allowed, []);
});

Deno.test("GET /contracts/:id/status shows each party's signature", async () => {
  await using api = await Api.open();
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
