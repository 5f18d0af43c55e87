import { assertEquals } from "@std/assert";
import type { Verb } from "../../protocols/jambonz/commands.ts";
import { JambonzPlayer } from "../../app_host/jambonz/jambonz_player.ts";
import { within } from "../support/arrivals.ts";

Deno.test("JambonzPlayer tells once that a URL has been heard, however often jambonz says so", async () => {
  const played: string[] = [];
  const verbs: Verb[] = [];
  const plays = new JambonzPlayer({
    run: "",
    emit: (verb) => void verbs.push(verb),
    played: (name) => void played.push(name),
    takeEcho: () => false,
    open() {},
    audio() {},
    key() {},
    failed() {},
  }, new AbortController().signal);
  const end = plays.playUrl("https://example.com/a.wav", "a");
  assertEquals(verbs.map(({ verb }) => verb), ["config", "play"]);
  assertEquals(plays.hear("/other", undefined), false);
  assertEquals(plays.hear("/app/played/1", "playCompleted"), true);
  plays.finished("/app/played/1");
  assertEquals(plays.hear("/app/played/1", "playCompleted"), false);
  assertEquals([await within(end, () => "the play has no end"), played], ["heard", ["a"]]);
});
