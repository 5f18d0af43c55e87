import { assertEquals } from "@std/assert";
import { Broadcaster } from "../session/broadcast.ts";

Deno.test("Broadcaster gives the event loop back between its slices, and keeps the order", async () => {
  const heard: string[] = [];
  const slow = (name: string) => ({
    notify(notice: string) {
      heard.push(`${name} ${notice}`);
      // Longer than a slice may take, so that there are several.
      const end = performance.now() + 1;
      while (performance.now() < end);
      return true;
    },
  });
  const sessions = Array.from({ length: 40 }, (_, at) => slow(String(at)));
  const broadcaster = new Broadcaster<(typeof sessions)[number], string>();
  let turns = 0;
  const turning = setInterval(() => turns++, 0);
  broadcaster.tell(sessions, "first");
  broadcaster.tell(sessions, "second");
  await broadcaster.settled;
  clearInterval(turning);
  assertEquals(heard.length, 80);
  assertEquals(heard.findIndex((line) => line.endsWith("second")), 40);
  assertEquals(turns > 0, true);
});
