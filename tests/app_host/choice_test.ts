/** Which call gets which app. */
import { assertEquals, assertThrows } from "@std/assert";
import { readConfig } from "../../config/config.ts";
import { WrongSettings } from "../../config/wrong_settings.ts";
import { createLog } from "../../log.ts";
import { Apps } from "../../app_host/apps.ts";
import { AppFile, Gate, serverWith } from "../support/apps.ts";
import { Client } from "../support/client.ts";
import { JAMBONZ, sessionNew } from "../support/lines.ts";

const log = createLog({ level: "error", format: "json" });

function apps(settings: Record<string, string>): Apps {
  return new Apps(readConfig(settings), log);
}

Deno.test("Apps.choose() picks the most specific rule: number or path, line, all", () => {
  const chosen = apps({
    APP: "all.ts",
    APPS: "inbound=line.ts, inbound:5000=number.ts,inbound:+15551230000=e164.ts," +
      "jambonz:/sales=path.ts",
  });
  assertEquals(chosen.choose("inbound", { to: "5000" }), "number.ts");
  assertEquals(chosen.choose("inbound", { to: "5001" }), "line.ts");
  const national = { to: "(555) 123-0000", toE164: "+15551230000" };
  assertEquals(chosen.choose("inbound", national), "e164.ts");
  assertEquals(chosen.choose("jambonz", { to: "5000" }, "/jambonz"), "all.ts");
  assertEquals(chosen.choose("jambonz", { to: "5000" }, "/sales"), "path.ts");
  assertEquals(chosen.jambonzPaths, ["/sales"]);
  assertEquals(apps({}).choose("inbound", { to: "5000" }), undefined);
});

Deno.test("Apps.choose() matches a number in any spelling", () => {
  const called = { to: "254712345678", toE164: "+254712345678" };
  for (const rule of ["+254 712 345 678", "00254712345678", "(254) 712-345678", "0712345678"]) {
    const chosen = apps({ DEFAULT_COUNTRY: "KE", APPS: `inbound:${rule}=number.ts` });
    assertEquals(chosen.choose("inbound", called), "number.ts", rule);
    assertEquals(chosen.choose("inbound", { to: "5000", toE164: null }), undefined, rule);
  }
});

Deno.test("APPS errors say what is expected", () => {
  for (const APPS of ["apps/ivr.ts", "phone=apps/ivr.ts", "inbound:=apps/ivr.ts", "inbound="]) {
    const { faults } = assertThrows(() => readConfig({ APPS }), WrongSettings);
    assertEquals(faults.length, 1);
    assertEquals(faults[0]!.startsWith("APPS: line=file or line:number=file"), true, faults[0]);
  }
});

Deno.test("an app that never answers on jambonz gets the polite default", async () => {
  using app = new AppFile(`for await (const _event of call);`);
  const settings = { JAMBONZ_SESSION_DEADLINE_MS: "50" };
  await using server = await serverWith(app.path, { settings });
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const { data } = await line.next({ type: "ack" });
  assertEquals(data, [{ verb: "say", text: "One moment, please." }]);
});

Deno.test("an app that loads slowly delays only its own calls", async () => {
  using loading = new Gate();
  using app = new AppFile("");
  Deno.writeTextFileSync(app.path, `${loading.wait}\nexport default () => {};`);
  await using server = await serverWith("", { settings: { APPS: `inbound:1=${app.path}` } });
  await using line = await Client.open(server.ws("/"));
  line.send({ event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "other" });
  await line.next({ event: "answer" });
  assertEquals(server.log.all.some(({ msg }) => msg === "app loaded"), false);
  loading.open();
  await server.log.next(({ msg }) => msg === "app loaded");
});
