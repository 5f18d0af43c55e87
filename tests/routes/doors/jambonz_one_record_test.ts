/** However a jambonz socket starts its call, the call has one record, which ends with its socket. */
import { assertEquals } from "@std/assert";
import { type Message } from "../../support/client.ts";
import { said, sessionNew } from "../../support/lines.ts";
import { frameBytes, RawSocket, TEXT } from "../../support/raw_socket.ts";
import { TestServer } from "../../support/server.ts";

const SUBPROTOCOL = { "sec-websocket-protocol": "ws.jambonz.org" };
const SETTINGS = { JAMBONZ_RECONNECT_WAIT_MS: "1" };

const ringing = said("call:status", "st", { call_status: "ringing" });
const back = { ...sessionNew(), type: "session:reconnect", msgid: "back" };
const other = { ...sessionNew("sid-2"), type: "session:reconnect", msgid: "back" };

const BEGINNINGS: [what: string, messages: readonly Message[]][] = [
  ["its status and its reconnect", [ringing, back]],
  ["its status and the reconnect of another call", [ringing, other]],
  ["its status and two reconnects", [ringing, back, { ...back, msgid: "again" }]],
  ["its status, its reconnect and its session", [ringing, back, sessionNew()]],
];

for (const [what, messages] of BEGINNINGS) {
  for (const acked of [true, false]) {
    const when = acked ? "is lost after the ack" : "is lost at once";
    Deno.test(`jambonz ends a call whose socket sends ${what} in one write, and ${when}`, async () => {
      await using server = await TestServer.start({ settings: SETTINGS });
      const socket = await RawSocket.open(server.port, "/jambonz", SUBPROTOCOL);
      await socket.write(await new Blob(messages.map(frameOf)).bytes());
      if (acked) await socket.next({ type: "ack", msgid: "back" });
      socket.leave();
      const { endedBy } = await server.call("jambonz", "sid-1", ({ cdr }) => cdr !== null);
      assertEquals(endedBy, "lost");
      const { calls } = await server.rest("GET", "/calls");
      assertEquals(calls.map(({ state }: Message) => state), ["ended"]);
    });
  }
}

function frameOf(message: Message): BlobPart {
  const payload = new TextEncoder().encode(JSON.stringify(message));
  return frameBytes({ opcode: TEXT, payload }) as BlobPart;
}
