import { assertEquals } from "@std/assert";
import type { Command, Verb } from "../../protocols/jambonz/commands.ts";
import { FarPlayout } from "../../app_host/jambonz/far_playout.ts";
import { VerbQueue } from "../../app_host/jambonz/verb_queue.ts";
import { turn } from "../../session/broadcast.ts";

const STAY = { verb: "config" };
const STOP = { type: "command", command: "redirect", queueCommand: false, data: [STAY] };
const say = (text: string): Verb => ({ verb: "say", text });

/** A queue whose flushes the test waits for. */
function queue(
  { takesOver = false, awaited = [] }: { takesOver?: boolean; awaited?: readonly Verb[] } = {},
) {
  const commands: Command[] = [];
  const playback = new FarPlayout({ wake() {}, played() {}, cannotPlay() {} });
  const verbs = new VerbQueue({
    playback: () => playback,
    hasLine: () => true,
    command: (command) => void commands.push(command),
    awaited: () => awaited,
  }, takesOver);
  return {
    verbs,
    commands,
    playback,
    /** Resolves when all verbs so far have gone out. */
    flushed: turn,
  };
}

Deno.test("VerbQueue.replace() with an empty queue stops what runs and keeps the call", async () => {
  const { verbs, commands, flushed } = queue();
  verbs.add(say("dropped"));
  verbs.replace();
  await flushed();
  assertEquals(commands as unknown, [STOP]);
});

Deno.test("VerbQueue.replace() replaces what runs with the next verbs", async () => {
  const { verbs, commands, flushed } = queue();
  verbs.replace();
  verbs.add(say("new"));
  await flushed();
  assertEquals(commands as unknown, [{ ...STOP, data: [say("new")] }]);
});

Deno.test("VerbQueue.replace() answers a pending hook, even with other verbs queued", async () => {
  const { verbs, commands, flushed } = queue();
  const answer = verbs.ask(true, { isOpen: true });
  verbs.replace();
  await flushed();
  assertEquals([await answer, commands], [[STAY], []]);
});

Deno.test("VerbQueue.replace() before the first verbs stops nothing: nothing runs yet", async () => {
  const { verbs, commands, flushed } = queue();
  const answer = verbs.ask(false, { isOpen: true });
  verbs.replace();
  await flushed();
  verbs.add(say("first"));
  assertEquals([await answer, commands], [[say("first")], []]);
});

Deno.test("VerbQueue.rest() keeps a pending stop", async () => {
  const { verbs, commands, flushed } = queue();
  const answer = verbs.ask(true, { isOpen: true });
  verbs.replace();
  verbs.rest();
  assertEquals(await answer, [STAY]);
  await flushed();
  assertEquals(commands, []);
});

Deno.test("VerbQueue.rest() answers a hook with no verbs when nothing has to stop", async () => {
  const { verbs, flushed } = queue();
  const answer = verbs.ask(true, { isOpen: true });
  verbs.rest();
  assertEquals(await answer, []);
  await flushed();
});

Deno.test("VerbQueue.configure() comes before the first recogniser", async () => {
  const { verbs } = queue();
  const answer = verbs.ask(false, { isOpen: true });
  verbs.add({ verb: "answer" });
  verbs.add(say("Hello"));
  verbs.configure({ listen: { enable: true } });
  assertEquals(await answer, [
    { verb: "answer" },
    { verb: "config", listen: { enable: true } },
    say("Hello"),
  ]);
});

Deno.test("VerbQueue after a takeover replaces what runs with its first verbs, and then queues", async () => {
  const { verbs, commands, flushed } = queue({ takesOver: true });
  await flushed();
  assertEquals(commands, [], "nothing is stopped before there is something to hear");
  verbs.add(say("again"));
  await flushed();
  verbs.add(say("more"));
  await flushed();
  assertEquals(commands as unknown, [
    { ...STOP, data: [say("again")] },
    { ...STOP, queueCommand: true, data: [say("more")] },
  ]);
});

Deno.test("VerbQueue.takeOver() stops what runs once, if there was an app before", async () => {
  for (const takesOver of [true, false]) {
    const { verbs, commands, flushed } = queue({ takesOver });
    verbs.takeOver();
    await flushed();
    verbs.takeOver();
    await flushed();
    assertEquals(commands as unknown, takesOver ? [STOP] : []);
  }
});

/** The id of the verb that finds out whether verbs are lost, if one went out last. */
function probeOf(commands: readonly Command[]): string | undefined {
  const [verb] = (commands.at(-1) as { data?: Verb[] } | undefined)?.data ?? [];
  return verb?.["id"] as string | undefined;
}

Deno.test("VerbQueue.reattached() probes no unsent verb, even behind our own audio", async () => {
  const [first, second] = [say("first"), say("second")];
  const { verbs, commands, playback, flushed } = queue({ awaited: [first, second] });
  verbs.add(first);
  playback.play(new Uint8Array(320));
  verbs.add(second);
  verbs.reattached();
  assertEquals(commands, [], "both wait still");
  await flushed();
  verbs.reattached();
  const id = probeOf(commands)!;
  verbs.finished(id);
  await flushed();
  assertEquals((commands.at(-1) as { data: unknown }).data, [first]);
});

Deno.test("VerbQueue.finished() returns lost verbs once, and only those that still matter", async () => {
  const [asked, last] = [say("asked"), say("last")];
  const awaited = [asked, last];
  const { verbs, commands, flushed } = queue({ awaited });
  verbs.reattached();
  const id = probeOf(commands)!;
  verbs.finished("/app/played/1");
  await flushed();
  assertEquals(commands.length, 1, "another verb");
  awaited.shift();
  for (let times = 0; times < 2; times++) {
    verbs.finished(id);
    await flushed();
    assertEquals((commands as { data: unknown }[]).slice(1).map(({ data }) => data), [[last]]);
  }
});

Deno.test("VerbQueue.finished() ignores an answer from an earlier socket", async () => {
  const { verbs, commands, flushed } = queue({ awaited: [say("asked")] });
  verbs.reattached();
  const before = probeOf(commands)!;
  verbs.reattached();
  const now = probeOf(commands)!;
  verbs.finished(before);
  await flushed();
  assertEquals(commands.length, 2);
  verbs.finished(now);
  await flushed();
  assertEquals(commands.length, 3);
});

Deno.test("VerbQueue.reattached() adds nothing to an ack that is no longer pending", async () => {
  const { verbs, commands, flushed } = queue();
  verbs.ask(true, { isOpen: false });
  verbs.reattached();
  verbs.add(say("again"));
  await flushed();
  assertEquals(commands as unknown, [{ ...STOP, queueCommand: true, data: [say("again")] }]);
});

Deno.test("VerbQueue takes over with its first verbs, not with an empty answer", async () => {
  const { verbs, commands, flushed } = queue({ takesOver: true });
  const answer = verbs.ask(true, { isOpen: true });
  verbs.rest();
  assertEquals(await answer, []);
  verbs.add(say("first"));
  await flushed();
  assertEquals(commands as unknown, [{ ...STOP, data: [say("first")] }]);
});
