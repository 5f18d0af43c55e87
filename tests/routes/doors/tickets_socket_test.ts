import { assertEquals } from "@std/assert";
import { Database } from "../../../store/sqlite/database.ts";
import { Client } from "../../support/client.ts";
import { KeyedServer, ROOT_KEY } from "../../support/keyed_server.ts";
import { databaseFile } from "../../support/database_file.ts";
import { RawSocket } from "../../support/raw_socket.ts";
import { refused, RestServer } from "../../support/rest.ts";

const KEY = "sesame-sesame-sesame-sesame";
const BEARER = { authorization: `Bearer ${KEY}` };
// No app is loaded: these tests end sooner than that.
const settings = { API_KEYS: KEY, APPS: "" };
const CLIENT = "+254712345678";

/** Mints a ticket for a client. */
async function mint(server: RestServer, client = CLIENT) {
  const answer = await server.ask("POST", `/clients/${client}/tickets`, undefined, BEARER);
  assertEquals(answer.status, 201, answer.text);
  return answer.body as { ticket: string; url: string; expiresAt: string };
}

/** The statuses of handshakes on this path that are sent at once. */
async function openSockets(server: RestServer, path: string, times: number, protocol = "") {
  const sockets = await Promise.all(
    Array.from({ length: times }, () => RawSocket.connect(server.server.addresses[0]!.port)),
  );
  const headers = { "sec-websocket-protocol": protocol };
  const answers = await Promise.all(sockets.map((raw) => raw.handshake(path, headers)));
  for (const raw of sockets) raw.leave();
  return answers.map(({ status }) => status).toSorted();
}

Deno.test("POST /clients/:id/tickets: a ticket opens one socket of its client's notifications", async () => {
  await using server = await RestServer.start(settings);
  const { url } = await mint(server);
  await using client = await Client.open(server.url(url, "ws"));
  client.send({ type: "ping", timestamp: 1 });
  assertEquals(await client.next({ type: "pong" }), { type: "pong", timestamp: 1 });
  assertEquals(await openSockets(server, url, 1), [401]);
});

Deno.test("POST /clients/:id/tickets: of several sockets with one ticket, one opens", async () => {
  await using server = await RestServer.start(settings);
  for (let round = 0; round < 5; round++) {
    const { url } = await mint(server);
    assertEquals(await openSockets(server, url, 4), [101, 401, 401, 401]);
  }
});

Deno.test("POST /clients/:id/tickets: a ticket can be a subprotocol, but not a key", async () => {
  await using server = await RestServer.start(settings);
  const { ticket } = await mint(server);
  const path = `/api/v1/ws/${CLIENT}`;
  refused(await server.ask("GET", "/calls", undefined, { authorization: `Bearer ${ticket}` }), 401);
  assertEquals(await openSockets(server, path, 2, `bearer, ${ticket}`), [101, 401]);
  assertEquals(await openSockets(server, path, 1, `bearer, ${KEY}`), [101]);
});

Deno.test("POST /clients/:id/tickets: a client's ticket opens no other client's notifications and no call", async () => {
  await using server = await RestServer.start(settings);
  const { ticket } = await mint(server);
  assertEquals(await openSockets(server, `/api/v1/ws/+254787654321?ticket=${ticket}`, 1), [401]);
  for (const path of ["/", "/inbound", `/ws/v1/liveCalls?conversationToken=x&ticket=${ticket}`]) {
    assertEquals(
      await openSockets(server, `${path}${path.includes("?") ? "" : `?ticket=${ticket}`}`, 1),
      [
        401,
      ],
    );
  }
  assertEquals(await openSockets(server, `/api/v1/ws/254-712-345678?ticket=${ticket}`, 1), [101]);
});

Deno.test("POST /watch-tokens: a ticket watches its call, within its scopes", async () => {
  await using server = await RestServer.start();
  await using live = await server.inboundCall();
  const { body } = await server.ask("POST", `${live.path}/watch-tokens`, { scopes: ["watch"] });
  await using watcher = await Client.open(server.url(body.url, "ws"));
  await watcher.next({ type: "event:start" });
  watcher.send({ type: "client:endCall", id: "1" });
  await watcher.next({ type: "error" });
  assertEquals(await openSockets(server, body.url, 1), [401]);
});

Deno.test("POST /clients/:id/tickets needs a key, and a valid client id", async () => {
  await using server = await RestServer.start(settings);
  refused(await server.ask("POST", `/clients/${CLIENT}/tickets`), 401);
  for (const id of ["x".repeat(129), "a%00b"]) {
    refused(await server.ask("POST", `/clients/${id}/tickets`, undefined, BEARER), 400);
  }
});

Deno.test("POST /clients/:id/tickets: a ticket survives a restart of the server", async () => {
  await using file = await databaseFile();
  const DATABASE_URL = `sqlite:${file.path}`;
  const first = await RestServer.start({ ...settings, DATABASE_URL });
  const { url } = await mint(first);
  await first.stop();
  await using second = await RestServer.start({ ...settings, DATABASE_URL });
  assertEquals(await openSockets(second, url, 2), [101, 401]);
});

Deno.test("POST /clients/:id/tickets: a ticket grants what its key grants, and ends with it", async () => {
  await using server = await KeyedServer.start();
  const key = await server.key({ scopes: ["notifications"], clients: [CLIENT] });
  const mint = (client: string) => server.ask(key.key, "POST", `/clients/${client}/tickets`);
  assertEquals((await mint("+254787654321")).status, 404);
  const [first, second] = [(await mint(CLIENT)).body, (await mint(CLIENT)).body];
  await using client = await Client.open(server.test.ws(first.url));
  // Another party's contract is not there for this key.
  const { body } = await server.ask(ROOT_KEY, "POST", "/contracts/create", {
    transcript: "I buy one hundred bags of maize.",
    parties: [{ phone: "+254700000001", role: "buyer" }, {
      phone: "+254700000002",
      role: "seller",
    }],
  });
  client.send({ type: "contract_status", contract_id: body.contract_id });
  const answer = await client.next({ type: "contract_status_response" });
  assertEquals(answer["status"], "not_found");
  await server.ask(ROOT_KEY, "DELETE", `/keys/${key.id}`);
  assertEquals((await client.whenClosed()).code, 4401);
  assertEquals(await server.handshake(undefined, second.url), 401);
});

Deno.test("POST /clients/:id/tickets: no ticket is stored under an idempotency key", async () => {
  await using file = await databaseFile();
  await using server = await RestServer.start({ ...settings, DATABASE_URL: `sqlite:${file.path}` });
  const headers = { ...BEARER, "idempotency-key": "once" };
  const make = () => server.ask("POST", `/clients/${CLIENT}/tickets`, undefined, headers);
  const { body: { ticket }, status } = await make();
  assertEquals(status, 201);
  await make();
  const database = new Database(file.path, { readOnly: true });
  const rows = [
    ...database.all("SELECT * FROM requests"),
    ...database.all("SELECT * FROM tickets"),
  ];
  database.close();
  assertEquals([rows.length > 0, JSON.stringify(rows).includes(ticket)], [true, false]);
});
