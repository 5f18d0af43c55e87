/** Malformed messages are logged by door, state and the names of their fields: never by their values. */
import { assertEquals, assertFalse } from "@std/assert";
import { Client } from "../support/client.ts";
import { inboundCall, jambonzCall, watch } from "../support/lines.ts";
import { QUIET_INBOUND as settings } from "../support/lines.ts";
import { type LogLine, TestServer } from "../support/server.ts";

/** For each door: how to open it, an invalid message, and its log line. */
const DOORS: Record<
  string,
  {
    open(server: TestServer): Promise<{ client: Client; line?: Client }>;
    frame: Record<string, unknown>;
    state: string;
    fields: string[];
  }
> = {
  "inbound call": {
    open: async (server) => ({ client: await inboundCall(server) }),
    frame: { event: "dtmf", digit: "secret" },
    state: "answered",
    fields: ["digit"],
  },
  "jambonz": {
    open: async (server) => ({ client: await jambonzCall(server) }),
    frame: { type: "verb:hook", msgid: ["secret"], data: {} },
    state: "talking",
    fields: ["msgid"],
  },
  "jambonz audio": {
    open: async (server) => ({
      client: await Client.open(server.ws("/jambonz/audio"), { protocols: ["audio.jambonz.org"] }),
    }),
    frame: { type: "mark", data: { name: { a: "secret" }, event: "playout" } },
    state: "connected",
    fields: ["data.name"],
  },
  "live calls": {
    async open(server) {
      const line = await inboundCall(server);
      return { client: await watch(server), line };
    },
    frame: { type: "client:endCall", id: ["secret"] },
    state: "watching",
    fields: ["id"],
  },
  "notifications": {
    open: async (server) => ({
      client: await Client.open(server.ws("/api/v1/ws/%2B254712345678")),
    }),
    frame: { type: "contract_status", contract_id: { secret: 1 } },
    state: "connected",
    fields: ["contract_id"],
  },
};

for (const [door, { open, frame, state, fields }] of Object.entries(DOORS)) {
  Deno.test(`${door}: a malformed message is logged once, with the names of its fields`, async () => {
    await using server = await TestServer.start({ settings });
    const { client, line } = await open(server);
    client.send(frame);
    client.send(frame);
    // Another kind, behind both.
    client.send("secret");
    await server.log.some(({ what }) => what === "not json");
    const odd = ({ msg, what }: LogLine) => msg === "unexpected event" && what === "bad shape";
    const lines = server.log.all.filter(odd);
    assertEquals(lines.map((line) => [line["door"], line["state"], line["fields"]]), [
      [door, state, fields],
    ]);
    assertFalse(JSON.stringify(server.log.all).includes("secret"));
    await client.close();
    await line?.close();
  });
}

Deno.test("inbound call logs an invalid incoming_call, and accepts the next one", async () => {
  await using server = await TestServer.start({ settings });
  await using platform = await Client.open(server.ws("/"));
  platform.send({ event: "incoming_call", callerId: { secret: 1 }, sessionId: "s" });
  const line = await server.log.some(({ what }) => what === "bad shape");
  assertEquals([line["door"], line["state"], line["fields"]], [
    "inbound call",
    "connected",
    ["callerId"],
  ]);
  platform.send({ event: "incoming_call", sessionId: "s" });
  await platform.next({ event: "answer" });
});

Deno.test("inbound call warns of audio before the answer, not of frames in flight at the end", async () => {
  await using server = await TestServer.start({
    settings: { ...settings, INBOUND_ANSWER_AFTER_MS: "never" },
  });
  await using platform = await Client.open(server.ws("/"));
  platform.send(new Uint8Array(320));
  const early = await server.log.some(({ what }) => what === "audio");
  assertEquals([early["level"], early["state"]], ["warn", "connected"]);
  platform.send({ event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "s" });
  platform.send({ event: "hangup" });
  platform.send(new Uint8Array(320));
  await platform.close();
  const { unexpected } = await server.log.some(({ msg }) => msg === "session ended");
  assertEquals(unexpected, { "audio while connected": 1 });
});
