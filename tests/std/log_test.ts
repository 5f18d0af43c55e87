import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import * as log from "@std/log";
import { jsonFormatter } from "@std/log/formatters";
import { LogRecord } from "@std/log/logger";

/** Stores the records and the lines instead of writing them. */
class MemoryHandler extends log.BaseHandler {
  readonly records: log.LogRecord[] = [];
  readonly lines: string[] = [];
  readonly calls: string[] = [];

  override handle(record: log.LogRecord): void {
    this.records.push(record);
    super.handle(record);
  }

  override log(line: string): void {
    this.lines.push(line);
  }

  override setup(): void {
    this.calls.push("setup");
  }

  override destroy(): void {
    this.calls.push("destroy");
  }
}

function loggerWith(level: log.LevelName): { logger: log.Logger; handler: MemoryHandler } {
  const handler = new MemoryHandler("DEBUG");
  return { logger: new log.Logger("calls", level, { handlers: [handler] }), handler };
}

/** The default loggers and handlers are the module's own: each test puts them back. */
function withSetup(config: log.LogConfig, test: () => void): void {
  try {
    log.setup(config);
    test();
  } finally {
    log.setup({});
  }
}

function consoleLinesOf(write: () => void): unknown[] {
  const lines: unknown[] = [];
  const original = console.log;
  console.log = (line: unknown) => lines.push(line);
  try {
    write();
  } finally {
    console.log = original;
  }
  return lines;
}

Deno.test("LogLevels rise from NOTSET to CRITICAL", () => {
  assertEquals(log.LogLevels, {
    NOTSET: 0,
    DEBUG: 10,
    INFO: 20,
    WARN: 30,
    ERROR: 40,
    CRITICAL: 50,
  });
  assertEquals(log.getLevelName(log.LogLevels.WARN), "WARN");
  assertEquals(log.getLevelByName("WARN"), log.LogLevels.WARN);
  assertThrows(() => log.getLevelByName("LOUD" as log.LevelName), Error);
  assertThrows(() => log.getLevelName(15 as log.LogLevel), Error);
});

Deno.test("Logger methods log at their levels", () => {
  const { logger, handler } = loggerWith("DEBUG");
  logger.debug("a");
  logger.info("b");
  logger.warn("c");
  logger.error("d");
  logger.critical("e");
  assertEquals(handler.lines, ["DEBUG a", "INFO b", "WARN c", "ERROR d", "CRITICAL e"]);
});

Deno.test("Logger drops what is below its level and still returns the message", () => {
  const { logger, handler } = loggerWith("WARN");
  const dropped: string = logger.info("quiet");
  const kept: number = logger.warn(7);
  assertEquals([dropped, kept], ["quiet", 7]);
  assertEquals(handler.lines, ["WARN 7"]);
});

Deno.test("Logger calls a lazy message only to log it", () => {
  const { logger, handler } = loggerWith("ERROR");
  let calls = 0;
  const message = () => `call ${++calls}`;
  const dropped: string | undefined = logger.warn(message);
  assertEquals([dropped, calls], [undefined, 0]);
  assertEquals(logger.error(message), "call 1");
  assertEquals(handler.lines, ["ERROR call 1"]);
});

Deno.test("Logger turns every kind of message into text", () => {
  const { logger, handler } = loggerWith("DEBUG");
  const messages = ["text", 3, 5n, true, null, undefined, { a: "x", b: { c: 1 } }];
  for (const message of messages) logger.info(message);
  logger.error(new RangeError("too far"));
  assertEquals(handler.records.slice(0, -1).map((record) => record.msg), [
    "text",
    "3",
    "5",
    "true",
    "null",
    "undefined",
    '{"a":"x","b":{"c":1}}',
  ]);
  assertStringIncludes(handler.records.at(-1)?.msg ?? "", "RangeError: too far");
});

Deno.test("Logger changes its level by number and by name", () => {
  const { logger } = loggerWith("INFO");
  assertEquals([logger.loggerName, logger.level, logger.levelName], ["calls", 20, "INFO"]);
  logger.level = log.LogLevels.ERROR;
  assertEquals(logger.levelName, "ERROR");
  logger.levelName = "DEBUG";
  assertEquals(logger.level, log.LogLevels.DEBUG);
  assertThrows(() => {
    logger.level = 15 as log.LogLevel;
  }, TypeError);
});

Deno.test("LogRecord holds what was logged, by whom and when", () => {
  const before = Date.now();
  const { logger, handler } = loggerWith("DEBUG");
  logger.warn("text", 1, { two: 2 });
  const record = handler.records[0];
  assert(record);
  assertEquals(record.msg, "text");
  assertEquals(record.args, [1, { two: 2 }]);
  assertEquals([record.level, record.levelName, record.loggerName], [30, "WARN", "calls"]);
  assert(record.datetime.getTime() >= before && record.datetime.getTime() <= Date.now());
});

Deno.test("LogRecord returns copies of its arguments and its time", () => {
  const args = [1];
  const record = new LogRecord({ msg: "text", args, level: 20, loggerName: "calls" });
  args.push(2);
  record.args.push(3);
  assertEquals(record.args, [1]);
  const time = record.datetime.getTime();
  record.datetime.setTime(0);
  assertEquals(record.datetime.getTime(), time);
});

Deno.test("BaseHandler drops what is below its level", () => {
  const handler = new MemoryHandler("WARN");
  const logger = new log.Logger("calls", "DEBUG", { handlers: [handler] });
  logger.info("quiet");
  logger.warn("loud");
  handler.levelName = "CRITICAL";
  logger.warn("quiet");
  assertEquals(handler.level, log.LogLevels.CRITICAL);
  handler.level = log.LogLevels.DEBUG;
  logger.debug("loud");
  assertEquals([handler.levelName, handler.lines], ["DEBUG", ["WARN loud", "DEBUG loud"]]);
});

Deno.test("BaseHandler formats with the given formatter", () => {
  const handler = new MemoryHandler("DEBUG", {
    formatter: ({ loggerName, levelName, msg, args }) =>
      `[${loggerName}] ${levelName} ${msg} ${args.length}`,
  });
  new log.Logger("calls", "DEBUG", { handlers: [handler] }).info("text", 1, 2);
  assertEquals(handler.lines, ["[calls] INFO text 2"]);
});

Deno.test("BaseHandler is destroyed at the end of its scope", () => {
  const handler = new MemoryHandler("DEBUG");
  {
    using _ = handler;
  }
  assertEquals(handler.calls, ["destroy"]);
});

Deno.test("ConsoleHandler writes with console.log, without colours if asked", () => {
  const handler = new log.ConsoleHandler("INFO", { useColors: false });
  const logger = new log.Logger("calls", "DEBUG", { handlers: [handler] });
  const lines = consoleLinesOf(() => {
    logger.debug("quiet");
    logger.error("loud");
  });
  assertEquals(lines, ["ERROR loud"]);
});

Deno.test("ConsoleHandler keeps the text when it colours a line", () => {
  const handler = new log.ConsoleHandler("DEBUG");
  const logger = new log.Logger("calls", "DEBUG", { handlers: [handler] });
  const lines = consoleLinesOf(() => logger.critical("loud"));
  assertStringIncludes(String(lines[0]), "CRITICAL loud");
});

Deno.test("jsonFormatter() writes level, time, message and arguments", () => {
  const line = (...args: unknown[]) => {
    const record = new LogRecord({ msg: 'a "b"', args, level: 20, loggerName: "calls" });
    const { datetime, ...rest } = JSON.parse(jsonFormatter(record));
    assertEquals(datetime, record.datetime.getTime());
    return rest;
  };
  assertEquals(line(), { level: "INFO", message: 'a "b"' });
  assertEquals(line({ user: 1 }), { level: "INFO", message: 'a "b"', args: { user: 1 } });
  assertEquals(line(1, null), { level: "INFO", message: 'a "b"', args: [1, null] });
  assertEquals(log.formatters.jsonFormatter, jsonFormatter);
});

Deno.test("setup() creates the loggers and attaches their handlers", () => {
  const first = new MemoryHandler("DEBUG");
  const second = new MemoryHandler("DEBUG");
  const config: log.LogConfig = {
    handlers: { first, second },
    loggers: {
      default: { level: "DEBUG", handlers: ["first", "missing"] },
      calls: { level: "ERROR", handlers: ["first", "second"] },
    },
  };
  withSetup(config, () => {
    log.getLogger().debug("a");
    log.getLogger("calls").warn("quiet");
    log.getLogger("calls").error("b");
    assertEquals(first.lines, ["DEBUG a", "ERROR b"]);
    assertEquals(second.lines, ["ERROR b"]);
    assertEquals(first.calls, ["setup"]);
  });
  assertEquals(first.calls, ["setup", "destroy"]);
});

Deno.test("setup() keeps the default logger unless it is given another", () => {
  withSetup({ loggers: { calls: { level: "DEBUG" } } }, () => {
    assertEquals(log.getLogger().levelName, "INFO");
    assertEquals(log.getLogger().handlers.length, 1);
    assertEquals(log.getLogger("calls").handlers, []);
  });
});

Deno.test("getLogger() returns a silent logger for an unknown name", () => {
  const logger = log.getLogger("std_log_test unknown");
  assertEquals([logger.levelName, logger.handlers.length], ["NOTSET", 0]);
  assert(log.getLogger("std_log_test unknown") === logger);
  assertEquals(logger.critical("nobody hears it"), "nobody hears it");
  assertFalse(log.getLogger() === logger);
});

Deno.test("debug() and its variants log with the default logger", () => {
  const memory = new MemoryHandler("DEBUG");
  const loggers = { default: { level: "DEBUG" as const, handlers: ["memory"] } };
  withSetup({ handlers: { memory }, loggers }, () => {
    const message: string = log.debug("a");
    const lazy: string | undefined = log.info(() => "b");
    assertEquals([message, lazy], ["a", "b"]);
    log.warn("c", 1);
    log.error("d");
    log.critical("e");
  });
  assertEquals(memory.lines, ["DEBUG a", "INFO b", "WARN c", "ERROR d", "CRITICAL e"]);
  assertEquals(memory.records[2]?.args, [1]);
});
