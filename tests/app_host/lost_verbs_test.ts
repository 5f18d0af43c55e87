import { assertEquals } from "@std/assert";
import type { Verb } from "../../protocols/jambonz/commands.ts";
import { LostVerbs } from "../../app_host/jambonz/lost_verbs.ts";

const ASKED: Verb = { verb: "gather", actionHook: "/asked" };
const LAST: Verb = { verb: "hangup" };

/** The id of the verb that asks. */
function idOf(command: ReturnType<LostVerbs["probe"]>): string {
  return (command?.data as Verb[])[0]!["id"] as string;
}

Deno.test("LostVerbs gives what is lost once, and only what still matters", () => {
  const lost = new LostVerbs();
  assertEquals(lost.probe([]), undefined);
  const id = idOf(lost.probe([ASKED, LAST]));
  assertEquals(lost.finished("/app/played/1", [ASKED, LAST]), [], "another verb");
  assertEquals(lost.finished(id, [LAST]), [LAST]);
  assertEquals(lost.finished(id, [LAST]), [], "a second time");
});

Deno.test("LostVerbs takes no answer of a socket before for that of this one", () => {
  const lost = new LostVerbs();
  const before = idOf(lost.probe([ASKED]));
  const now = idOf(lost.probe([ASKED]));
  assertEquals(lost.finished(before, [ASKED]), []);
  assertEquals(lost.finished(now, [ASKED]), [ASKED]);
});
