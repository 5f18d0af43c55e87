/** The app's call asks jambonz for audio, whatever happens to the line meanwhile. */
import { assertEquals } from "@std/assert";
import { AppFile, serverWith } from "../support/apps.ts";
import { Client, type Message } from "../support/client.ts";
import { JAMBONZ, jambonzCall, said, sessionNew } from "../support/lines.ts";
import { RecordingsFolder } from "../support/recorded.ts";

Deno.test("jambonz is asked for a call's audio when its line is back", async () => {
  using folder = new RecordingsFolder();
  using app = new AppFile(`await call.gather({ say: "Key?", digits: 1 });`);
  await using server = await serverWith(app.path, { settings: folder.settings });
  const lost = await jambonzCall(server);
  await lost.close(3000);
  const { calls } = server.server.services;
  const { id } = await server.call("jambonz", "sid-1", ({ id }) => !calls.hasLine(id));
  const { accepted } = await server.rest("POST", `/calls/${id}/recording`, { action: "start" });
  assertEquals(accepted, true);
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(said("session:reconnect", "back"));
  await line.next({ type: "ack", msgid: "back" });
  const { data } = await line.next({ command: "config" }) as { data: { listen: unknown } };
  assertEquals((data.listen as { url: string }).url, "/jambonz/audio");
  line.send(said("call:status", "over", { call_status: "completed" }));
  await server.call("jambonz", "sid-1", ({ state }) => state === "ended");
});

Deno.test("call.interrupt() cancels neither the answer nor the request for audio", async () => {
  using app = new AppFile(`
    call.play(new Uint8Array(320));
    call.interrupt();
    call.note(await call.play(new Uint8Array(320)));
  `);
  await using server = await serverWith(app.path);
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const { data } = await line.next({ type: "ack", msgid: "new" }) as { data: Message[] };
  assertEquals(data.map(({ verb }) => verb), ["answer", "config"]);
  line.send(said("call:status", "over", { call_status: "completed" }));
  await server.call("jambonz", "sid-1", ({ state }) => state === "ended");
});
