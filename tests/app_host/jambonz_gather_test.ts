import { assertEquals, assertRejects } from "@std/assert";
import { JambonzGather } from "../../app_host/jambonz/jambonz_gather.ts";
import type { Verb } from "../../protocols/jambonz/commands.ts";
import { within } from "../support/arrivals.ts";

const NOWHERE = "/nowhere/prompt.wav";

Deno.test("JambonzGather: a prompt that cannot be read ends its own gather only", async () => {
  const verbs: Verb[] = [];
  const gathering: JambonzGather = new JambonzGather("", {
    emit: (verb) => void verbs.push(verb),
    emitNow: (verb) => void verbs.push(verb),
    play: () => Promise.resolve("heard"),
    waitingMs: () => 0,
    interrupt: () => gathering.end("interrupted"),
  });
  const unread = () => gathering.gather({ play: NOWHERE });
  await assertRejects(unread, Deno.errors.NotFound, NOWHERE);
  assertEquals(gathering.isOn, false);
  const first = unread();
  const second = gathering.gather({});
  // The file of the first is looked for at the same time.
  await assertRejects(() => Deno.readFile(NOWHERE), Deno.errors.NotFound);
  const hook = String(verbs.at(-1)?.["actionHook"]);
  assertEquals(gathering.hear(hook, { digits: "4" }), "this gather");
  const ends = await within(Promise.all([first, second]), () => "a gather does not end");
  assertEquals(ends.map(({ by }) => by), ["interrupted", "digits"]);
});
