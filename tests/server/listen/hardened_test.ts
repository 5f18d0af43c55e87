import { assertEquals } from "@std/assert";
import { Client } from "../../support/client.ts";
import { answerTo } from "../../support/http.ts";
import { inboundCall, QUIET_INBOUND } from "../../support/lines.ts";
import { TestServer } from "../../support/server.ts";

const settings = { ...QUIET_INBOUND, TRANSPORT: "hardened" };

Deno.test("listenHardened() serves text and audio through the real doors", async () => {
  await using server = await TestServer.start({ settings });
  await using line = await inboundCall(server);
  line.send(new Uint8Array([1, 2, 3]));
  assertEquals([...await line.nextAudio()], [1, 2, 3]);
  await using party = await Client.open(server.ws("/api/v1/ws/a"));
  party.send({ type: "ping", timestamp: 7 });
  await party.next({ type: "pong", timestamp: 7 });
});

Deno.test("listenHardened() answers REST", async () => {
  await using server = await TestServer.start({ settings });
  const response = await answerTo(server.http("/readyz"));
  assertEquals([response.status, (await response.json()).status], [200, "ok"]);
  assertEquals((await answerTo(server.http("/nowhere"))).status, 404);
});
