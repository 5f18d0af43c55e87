import { assertEquals } from "@std/assert";
import { JambonzGather } from "../../app_host/jambonz/jambonz_gather.ts";
import { within } from "../support/arrivals.ts";

Deno.test("JambonzGather.forget() leaves a newer gather alone", async () => {
  const gathering = new JambonzGather("");
  const first = gathering.begin({});
  gathering.end("interrupted");
  const second = gathering.begin({});
  gathering.forget(first.hook);
  assertEquals(gathering.hear(second.hook, { digits: "4" }), "this gather");
  const ends = await within(
    Promise.all([first.gathered, second.gathered]),
    () => "a gather does not end",
  );
  assertEquals(ends.map(({ by }) => by), ["interrupted", "digits"]);
});
