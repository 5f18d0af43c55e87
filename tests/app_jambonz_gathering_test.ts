import { assertEquals } from "@std/assert";
import { JambonzGathering } from "../routes/app_jambonz_gathering.ts";
import { within } from "./support/arrivals.ts";

Deno.test("JambonzGathering.forget() leaves the gather alone that waits by now", async () => {
  const gathering = new JambonzGathering(false);
  const first = gathering.begin("first", {});
  gathering.end("interrupted");
  const second = gathering.begin("second", {});
  gathering.forget("first");
  assertEquals(gathering.hear("second", { digits: "4" }), "this gather");
  const ends = await within(Promise.all([first, second]), () => "a gather does not end");
  assertEquals(ends.map(({ by }) => by), ["interrupted", "digits"]);
});
