import { assertEquals } from "@std/assert";
import { JambonzGather } from "../../app_host/jambonz/jambonz_gather.ts";
import { within } from "../support/arrivals.ts";

Deno.test("JambonzGather.forget() leaves the gather alone that waits by now", async () => {
  const gathering = new JambonzGather(false);
  const first = gathering.begin("first", {});
  gathering.end("interrupted");
  const second = gathering.begin("second", {});
  gathering.forget("first");
  assertEquals(gathering.hear("second", { digits: "4" }), "this gather");
  const ends = await within(Promise.all([first, second]), () => "a gather does not end");
  assertEquals(ends.map(({ by }) => by), ["interrupted", "digits"]);
});
