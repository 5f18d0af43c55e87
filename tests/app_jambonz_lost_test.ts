/** What an app of a jambonz call asks for while the line is away waits for its return. */
import { assertEquals } from "@std/assert";
import { AppFile, serverWith } from "./support/apps.ts";
import { Client } from "./support/client.ts";
import { JAMBONZ, jambonzCall, said } from "./support/lines.ts";
import { RecordingsFolder } from "./support/recorded.ts";

Deno.test("jambonz is asked for the audio of a call when its line is back", async () => {
  using folder = new RecordingsFolder();
  using app = new AppFile(`await call.gather({ say: "Key?", digits: 1 });`);
  await using server = await serverWith(app.path, { settings: folder.settings });
  const lost = await jambonzCall(server);
  await lost.close(3000);
  const { calls } = server.server.parts;
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
