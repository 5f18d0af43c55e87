/** Every spelling of a phone number means the same number, wherever it is read. */
import { assert, assertEquals } from "@std/assert";
import { Client, type Message } from "../../support/client.ts";
import { jambonzCall, watch } from "../../support/lines.ts";
import { KENYAN_SPELLINGS, type Spelling, SPELLINGS } from "../../support/spellings.ts";
import { TestServer } from "../../support/server.ts";

/** A number with none of the spellings. */
const OTHER = "+254733000000";

Deno.test("SPELLINGS are at least 200 distinct texts", () => {
  const all = [...SPELLINGS, ...KENYAN_SPELLINGS].map(({ written }) => written);
  assertEquals(new Set(all).size, all.length);
  assert(all.length >= 200, String(all.length));
});

const AT_ONCE = 16;

async function inParallel<Item>(
  items: readonly Item[],
  work: (item: Item, place: number) => Promise<void>,
): Promise<void> {
  const entries = items.entries();
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (const [place, item] of entries) await work(item, place);
  });
  await Promise.all(workers);
}

const SERVERS: [what: string, settings: Record<string, string>, spellings: readonly Spelling[]][] =
  [
    ["without a country", {}, SPELLINGS],
    ["in Kenya", { DEFAULT_COUNTRY: "KE" }, [...SPELLINGS, ...KENYAN_SPELLINGS]],
  ];

for (const [where, settings, spellings] of SERVERS) {
  Deno.test(`a party is notified, signs and is found by any spelling of its number, on a server ${where}`, async () => {
    await using server = await TestServer.start({ settings });
    await inParallel(spellings, async ({ written, e164 }, place) => {
      // Each spelling names a party once; the signature and the socket use other spellings.
      const twins = spellings.filter((spelling) => spelling.e164 === e164);
      const other = (step: number) => twins[(place + step) % twins.length]!.written;
      await using client = await Client.open(
        server.ws(`/api/v1/ws/${encodeURIComponent(other(1))}`),
      );
      const { contract_id, parties } = await server.rest("POST", "/contracts/create", {
        transcript: "I buy one hundred bags of maize.",
        parties: [{ phone: written, role: "buyer" }, { phone: OTHER, role: "seller" }],
      });
      assertEquals(parties?.[0].phone_number, e164, `party ${written}`);
      const query = (text: string) => `phone_number=${encodeURIComponent(text)}`;
      const sign = (text: string) =>
        server.rest("POST", `/contracts/${contract_id}/confirm?${query(text)}`);
      assertEquals((await sign(other(2))).signed_by, e164, `signature ${other(2)}`);
      assertEquals((await sign(OTHER)).status, "confirmed");
      await client.next({ type: "contract_update", contract_id, status: "confirmed" });
      const { contracts: [found] } = await server.rest(
        "GET",
        `/contracts?limit=1&${query(other(3))}`,
      );
      assertEquals(found?.parties[0].phone_number, e164, `list ${other(3)}`);
    });
  });

  Deno.test(`a socket, an inbox and a payment accept a number in any spelling, on a server ${where}`, async () => {
    await using server = await TestServer.start({
      settings: { ...settings, PAYMENT_UPDATES_TO: "parties" },
    });
    const numbers = [...new Set(spellings.map(({ e164 }) => e164))];
    const contracts = new Map<string, string>();
    for (const phone of numbers) {
      const { contract_id } = await server.rest("POST", "/contracts/create", {
        transcript: "I buy one hundred bags of maize.",
        parties: [{ phone, role: "buyer" }, { phone: OTHER, role: "seller" }],
      });
      contracts.set(phone, contract_id);
    }
    await using clients = new AsyncDisposableStack();
    const heard: Promise<unknown>[] = [];
    await inParallel(spellings, async ({ written, e164 }) => {
      const client = await Client.open(server.ws(`/api/v1/ws/${encodeURIComponent(written)}`));
      clients.use(client);
      const contract_id = contracts.get(e164)!;
      heard.push(client.next({ type: "contract_update", contract_id, status: "cancelled" }));
      const paid = await server.rest("POST", "/payments/checkout", {
        contract_id,
        amount: 1,
        phone_number: written,
      });
      assertEquals(paid.phone_number, e164, `payment ${written}`);
    });
    for (const contract_id of contracts.values()) {
      await server.rest("PUT", `/contracts/${contract_id}`, { status: "cancelled" });
    }
    await Promise.all(heard);
    await inParallel(spellings, async ({ written, e164 }) => {
      const path = `/api/v1/clients/${encodeURIComponent(written)}/inbox?limit=1`;
      const inbox = await (await fetch(server.http(path))).text();
      assert(inbox.includes(contracts.get(e164)!), `inbox ${written}`);
    });
  });
}

Deno.test("an unencoded plus in a query string is still a plus", async () => {
  await using server = await TestServer.start({ settings: { DEFAULT_COUNTRY: "DE" } });
  const { contract_id } = await server.rest("POST", "/contracts/create", {
    transcript: "I buy one hundred bags of maize.",
    parties: [{ phone: "+254712345678", role: "buyer" }, { phone: OTHER, role: "seller" }],
  });
  const path = `/contracts/${contract_id}/confirm?phone_number=+254712345678`;
  assertEquals((await server.rest("POST", path)).signed_by, "+254712345678");
});

Deno.test("a client id that is not a number receives none of a party's events", async () => {
  await using server = await TestServer.start({ settings: { DEFAULT_COUNTRY: "KE" } });
  const names = [
    "alice",
    "5000",
    "712",
    "alice-254712345678",
    "user:254712345678",
    "2547123456789",
  ];
  await using clients = new AsyncDisposableStack();
  const opened = await Promise.all(
    names.map((name) => Client.open(server.ws(`/api/v1/ws/${encodeURIComponent(name)}`))),
  );
  for (const client of opened) clients.use(client);
  await using party = await Client.open(server.ws("/api/v1/ws/0712345678"));
  const { contract_id } = await server.rest("POST", "/contracts/create", {
    transcript: "I buy one hundred bags of maize.",
    parties: [{ phone: "0712345678", role: "buyer" }, { phone: OTHER, role: "seller" }],
  });
  await server.rest("PUT", `/contracts/${contract_id}`, { status: "cancelled" });
  await party.next({ type: "contract_update", contract_id });
  for (const client of opened) {
    // An update would have come before the pong.
    client.send({ type: "ping", timestamp: 1 });
    await client.next({ type: "pong" });
    assertEquals(client.messages.length, 1);
  }
});

Deno.test("a contract names every party with an invalid or repeated number", async () => {
  await using server = await TestServer.start();
  const party = (phone: string) => ({ phone, role: "buyer" });
  const { status, errors } = await server.rest("POST", "/contracts/create", {
    transcript: "I buy one hundred bags of maize.",
    parties: ["+254712345678", "0712345678", "(254) 712-345678", "5000"].map(party),
  });
  assertEquals(status, 422);
  assertEquals(
    errors.map(({ field }: { field: string }) => field),
    ["parties.1.phone", "parties.2.phone", "parties.3.phone"],
  );
});

Deno.test("a call is found by any spelling of its two numbers", async () => {
  await using server = await TestServer.start({ settings: { DEFAULT_COUNTRY: "KE" } });
  await using platform = await Client.open(server.ws("/"));
  platform.send({
    event: "incoming_call",
    callerId: "0712345678",
    didNumber: "0787 654321",
    sessionId: "s1",
  });
  await platform.next({ event: "answer" });
  const ends = {
    from: ["0712-345-678", "+254712345678", "(254) 712-345678"],
    to: ["0787654321", "254787654321", "00254 787 654 321"],
  };
  for (const [end, spellings] of Object.entries(ends)) {
    for (const written of [...spellings, OTHER]) {
      const { calls } = await server.rest(
        "GET",
        `/calls?${new URLSearchParams({ [end]: written })}`,
      );
      assertEquals(calls.length, written === OTHER ? 0 : 1, `${end} ${written}`);
    }
  }
});

Deno.test("a watcher is connected to the number configured for any spelling of their own", async () => {
  await using server = await TestServer.start({
    settings: { DEFAULT_COUNTRY: "KE", JOIN_NUMBERS: "0712 345 678=+15551230000" },
  });
  await using line = await jambonzCall(server);
  await using watcher = await watch(server, { "x-user-id": "0712-345-678" });
  watcher.send({ type: "client:joinCall", id: "j1" });
  await watcher.next({ type: "ack", ackId: "j1" });
  const { data } = await line.next({ command: "redirect" });
  assertEquals((data as Message[])[0]!["target"], [{ type: "phone", number: "+15551230000" }]);
});
