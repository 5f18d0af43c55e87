/**
 * The log: JSON lines on stderr, or readable text on a terminal. The message text is constant and
 * never contains a phone number, a digit or a transcript.
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { BaseHandler, type LevelName, Logger, type LogRecord } from "@std/log";

/** Details of a message: ids, counts, states. Never a secret, a phone number or a digit. */
export type Fields = Readonly<Record<string, unknown>>;

/** Writes messages for operators. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  /** `fields.error` is written with its stack. */
  error(message: string, fields?: Fields): void;
}

/** How the log is written. */
export interface LogOptions {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly format: "json" | "text";
  /** Receives one line without its line end; stderr by default. */
  readonly write?: (line: string) => void;
}

/** Builds a log. */
export function createLog({ level, format, write = writeStderr }: LogOptions): Log {
  const levelName = level.toUpperCase() as LevelName;
  const formatter = format === "json" ? jsonLine : textLine;
  const handler = new LineHandler(levelName, { formatter }, write);
  const logger = new Logger("tipring", levelName, { handlers: [handler] });
  return {
    debug: (message, fields = {}) => void logger.debug(message, fields),
    info: (message, fields = {}) => void logger.info(message, fields),
    warn: (message, fields = {}) => void logger.warn(message, fields),
    error: (message, fields = {}) => void logger.error(message, fields),
  };
}

/** The format of `auto`: text on a terminal, else JSON. */
export function autoFormat(): "json" | "text" {
  return Deno.stderr.isTerminal() ? "text" : "json";
}

class LineHandler extends BaseHandler {
  readonly #write: (line: string) => void;

  constructor(
    level: LevelName,
    options: { formatter: (record: LogRecord) => string },
    write: (line: string) => void,
  ) {
    super(level, options);
    this.#write = write;
  }

  override log(line: string): void {
    this.#write(line);
  }
}

function jsonLine(record: LogRecord): string {
  return JSON.stringify({
    time: record.datetime.toISOString(),
    level: record.levelName.toLowerCase(),
    msg: record.msg,
    ...writable(record.args[0]),
  });
}

function textLine(record: LogRecord): string {
  const fields = Object.entries(writable(record.args[0]))
    .map(([name, value]) =>
      ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`
    );
  const time = record.datetime.toISOString().slice(11, 23);
  return `${time} ${record.levelName.toLowerCase().padEnd(5)} ${record.msg}${fields.join("")}`;
}

function writable(fields: unknown): Record<string, unknown> {
  const entries = Object.entries((fields ?? {}) as Fields);
  return Object.fromEntries(entries.map(([name, value]) => [
    name,
    // The stacks of Deno's own errors are coloured.
    value instanceof Error ? stripVTControlCharacters(value.stack ?? String(value)) : value,
  ]));
}

function writeStderr(line: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
  } catch {
    // The log's reader has left, or its disk is full: not a reason to end a call.
  }
}
