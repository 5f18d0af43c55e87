import { assertEquals } from "@std/assert";
import type { Verb } from "../../protocols/jambonz/commands.ts";
import { UrlPlays } from "../../app_host/jambonz/url_plays.ts";
import { within } from "../support/arrivals.ts";

Deno.test("UrlPlays reports a finished play once, however often jambonz does", async () => {
  const played: string[] = [];
  const verbs: Verb[] = [];
  const plays = new UrlPlays({
    run: "",
    emit: (verb) => void verbs.push(verb),
    played: (name) => void played.push(name),
  });
  const end = plays.play("https://example.com/a.wav", "a");
  assertEquals(verbs.map(({ verb }) => verb), ["config", "play"]);
  assertEquals(plays.hear("/other", undefined), false);
  assertEquals(plays.hear("/app/played/1", "playCompleted"), true);
  plays.finished("/app/played/1");
  assertEquals(plays.hear("/app/played/1", "playCompleted"), false);
  assertEquals([await within(end, () => "the play has no end"), played], ["heard", ["a"]]);
});
