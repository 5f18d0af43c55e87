/** How long the text frames of a jambonz server may be, and those at other doors. */
import { assertEquals } from "@std/assert";
import { Client, type ClientOptions, type Message } from "../../support/client.ts";
import { BEARER, JAMBONZ, jambonzCall, said, sessionNew } from "../../support/lines.ts";
import { TestServer } from "../../support/server.ts";

const JAMBONZ_BYTES = 256 * 1024;
const DEFAULT_BYTES = 64 * 1024;

/** A message as a frame of so many bytes. */
function padded(message: Message, bytes: number): string {
  const data = message["data"] as Message;
  const text = (pad: string) => JSON.stringify({ ...message, data: { ...data, pad } });
  return text("x".repeat(bytes - text("").length));
}

function tooLong(bytes: number) {
  return { code: 1009, reason: `text frames hold ${bytes} bytes at most` };
}

Deno.test("jambonz may send text frames of 256 KiB, and a longer one closes with 1009", async () => {
  await using server = await TestServer.start();
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(padded(sessionNew(), JAMBONZ_BYTES));
  const { data } = await line.next({ type: "ack", msgid: "new" });
  assertEquals((data as Message[])[0]!["verb"], "gather");
  line.send(padded(said("verb:hook", "h1"), JAMBONZ_BYTES + 1));
  assertEquals(await line.whenClosed(), tooLong(JAMBONZ_BYTES));
  // It comes back, and the call continues.
  await using again = await Client.open(server.ws("/jambonz"), JAMBONZ);
  again.send(padded(said("session:reconnect", "back"), JAMBONZ_BYTES));
  await again.next({ type: "ack", msgid: "back" });
});

Deno.test("LIMIT_TEXT_BYTES applies to the jambonz door only if it is higher", async () => {
  for (const [limit, bytes] of [[1024, JAMBONZ_BYTES], [300_000, 300_000]] as const) {
    await using server = await TestServer.start({ settings: { LIMIT_TEXT_BYTES: `${limit}` } });
    await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
    line.send(padded(sessionNew(), bytes));
    await line.next({ type: "ack", msgid: "new" });
    line.send("x".repeat(bytes + 1));
    assertEquals(await line.whenClosed(), tooLong(bytes));
  }
});

Deno.test("other doors keep their limit of 64 KiB, or LIMIT_TEXT_BYTES", async () => {
  for (const bytes of [DEFAULT_BYTES, 2048]) {
    const settings: Record<string, string> = {};
    if (bytes !== DEFAULT_BYTES) settings["LIMIT_TEXT_BYTES"] = String(bytes);
    await using server = await TestServer.start({ settings });
    await using _line = await jambonzCall(server);
    const { liveConversationToken } = await server.call("jambonz", "sid-1");
    const watched = `/ws/v1/liveCalls?conversationToken=${liveConversationToken}`;
    const doors: [string, ClientOptions][] = [
      ["/api/v1/ws/+254712345678", {}],
      [watched, { headers: BEARER }],
      ["/inbound", {}],
      ["/jambonz/audio", { protocols: ["audio.jambonz.org"] }],
    ];
    for (const [path, options] of doors) {
      await using socket = await Client.open(server.ws(path), options);
      socket.send("x".repeat(bytes + 1));
      assertEquals(await socket.whenClosed(), tooLong(bytes), path);
    }
  }
});
