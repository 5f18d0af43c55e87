import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createLog } from "../log.ts";

function collect(format: "json" | "text", level: "debug" | "warn" = "debug") {
  const lines: string[] = [];
  return { lines, log: createLog({ level, format, write: (line) => lines.push(line) }) };
}

Deno.test("log writes one JSON object per line, with time, level, message and fields", () => {
  const { lines, log } = collect("json");
  log.info("session opened", { session: "s1" });
  const { time, ...rest } = JSON.parse(lines[0]!);
  assert(!Number.isNaN(Date.parse(time)));
  assertEquals(rest, { level: "info", msg: "session opened", session: "s1" });
});

Deno.test("log omits messages below its level", () => {
  const { lines, log } = collect("json", "warn");
  log.info("quiet");
  log.warn("loud");
  assertEquals(lines.map((line) => JSON.parse(line).msg), ["loud"]);
});

Deno.test("log writes an error with its stack, on one line", () => {
  const { lines, log } = collect("json");
  log.error("session failed", { error: new TypeError("boom") });
  assertStringIncludes(JSON.parse(lines[0]!).error, "TypeError: boom");
  assert(!lines[0]!.includes("\n"));
});

Deno.test("log writes readable text for a terminal", () => {
  const { lines, log } = collect("text");
  log.warn("odd message", { session: "s1", count: 2 });
  assertMatch(lines[0]!, /^\d\d:\d\d:\d\d\.\d{3} warn {2}odd message session=s1 count=2$/);
});

Deno.test("log writes errors without colours", () => {
  for (const format of ["json", "text"] as const) {
    const { lines, log } = collect(format);
    log.error("failed", { error: new TypeError("at \u001b[36mfile:///a.ts\u001b[39m") });
    assertStringIncludes(lines[0]!, "at file:///a.ts");
  }
});
