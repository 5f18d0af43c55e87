import { assertEquals } from "@std/assert";
import { Arrivals } from "../../support/arrivals.ts";
import { openContract, pay, SELLER } from "../../support/deal.ts";
import { TestServer } from "../../support/server.ts";

/** The JavaScript example of the protocol's document, to the letter. */
const EXAMPLE = await Deno.readTextFile(
  new URL("../../data/notifications_example.txt", import.meta.url),
);
const ITS_HOST = "ws://localhost:8000/";
const ITS_CLIENT = "+1234567890";

Deno.test("notifications serves the example of its document unchanged", async () => {
  await using server = await TestServer.start();
  assertEquals(EXAMPLE.split(ITS_HOST).length, 2);
  const printed = new Arrivals<unknown[]>();
  const console = {
    log: (...words: unknown[]) => printed.push(words),
    error: (...words: unknown[]) => printed.end(Deno.inspect(words)),
  };
  new Function("console", EXAMPLE.replace(ITS_HOST, server.ws("/")))(console);

  const says = (text: string) => printed.next(([words]) => words === text);
  await says("Connected to VoicePact WebSocket");
  await says("Ping response received");
  const contractId = await openContract(server, [ITS_CLIENT, SELLER]);
  await server.rest("PUT", `/contracts/${contractId}`, { status: "confirmed" });
  await says(`Contract ${contractId} status: confirmed`);
  await pay(server, contractId, 150, ITS_CLIENT);
  await says(`Payment update for contract ${contractId}`);
  await server.stop();
  await says("WebSocket connection closed");

  const received = printed.all.filter(([words]) => words === "Received:");
  assertEquals(
    received.map(([, message]) => (message as { type: string }).type),
    ["pong", "contract_update", "payment_update"],
  );
});
