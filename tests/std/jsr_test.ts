import { assertEquals, assertThrows } from "@std/assert";
import { testCommand } from "../../std/test_command.ts";

Deno.test("testCommand() keeps permissions and files, and uses the other configuration", () => {
  const config = { tasks: { test: "deno test --frozen -A --lock=deno.lock tests/" } };
  assertEquals(testCommand(config, ".other.json"), {
    args: ["test", "--config=.other.json", "--no-lock", "-A", "tests/"],
    env: {},
  });
});

Deno.test("testCommand() reads variables, quotes and tasks with descriptions", () => {
  const command = "LOG=off deno test --allow-net='a.test,b.test' \"tests/\" && echo done";
  assertEquals(testCommand({ tasks: { test: { command } } }, "c.json"), {
    args: ["test", "--config=c.json", "--no-lock", "--allow-net=a.test,b.test", "tests/"],
    env: { LOG: "off" },
  });
});

Deno.test("testCommand() reports what is wrong with the task", () => {
  assertThrows(() => testCommand({}, "c.json"), Error, "no `test` task");
  assertThrows(() => testCommand({ tasks: { test: "make test" } }, "c.json"), Error, "deno test");
});
