import type { BaseHandler } from "./base_handler.ts";
import { getLevelByName, getLevelName, LogLevels } from "./levels.ts";
import type { LevelName, LogLevel } from "./levels.ts";
import { asText } from "./message_text.ts";
import { LogRecord } from "./record.ts";

export { LoggerConfig } from "./config.ts";
export type { LogConfig } from "./config.ts";
export { LogRecord } from "./record.ts";
export type { LogRecordOptions } from "./record.ts";

/** Any function at all. */
// deno-lint-ignore no-explicit-any -- that is what "any function" means
export type GenericFunction = (...args: any[]) => any;

/** A message as it is, or a function that makes it when it is going to be logged. */
type Message<T> = (T extends GenericFunction ? never : T) | (() => T);

/** What a {@linkcode Logger} may be given. */
export interface LoggerOptions {
  /** The handlers that get its records. */
  handlers?: BaseHandler[];
}

/**
 * Turns messages into records and hands them to its handlers, unless they are below its level.
 * Every method returns the message it was given; of a function, what it returned, or `undefined` if
 * it was not called because its message is not logged.
 */
export class Logger {
  /** The handlers that get its records. */
  handlers: BaseHandler[];
  readonly #name: string;
  #level: LogLevel;

  /** Makes a logger that lets pass what is at `levelName` or above. */
  constructor(
    loggerName: string,
    levelName: LevelName,
    options: LoggerOptions = {},
  ) {
    this.#name = loggerName;
    this.#level = getLevelByName(levelName);
    this.handlers = options.handlers ?? [];
  }

  /** The number of its level. */
  get level(): LogLevel {
    return this.#level;
  }

  /** Sets its level by number. */
  set level(level: LogLevel) {
    if (!Object.values(LogLevels).includes(level)) {
      throw new TypeError(`Invalid log level: ${level}`);
    }
    this.#level = level;
  }

  /** The name of its level. */
  get levelName(): LevelName {
    return getLevelName(this.#level);
  }

  /** Sets its level by name. */
  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  /** Its name. */
  get loggerName(): string {
    return this.#name;
  }

  /** Logs at the level DEBUG what the function returns. */
  debug<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs at the level DEBUG. */
  debug<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  debug<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.DEBUG, msg, args);
  }

  /** Logs at the level INFO what the function returns. */
  info<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs at the level INFO. */
  info<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  info<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.INFO, msg, args);
  }

  /** Logs at the level WARN what the function returns. */
  warn<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs at the level WARN. */
  warn<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  warn<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.WARN, msg, args);
  }

  /** Logs at the level ERROR what the function returns. */
  error<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs at the level ERROR. */
  error<T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
  error<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.ERROR, msg, args);
  }

  /** Logs at the level CRITICAL what the function returns. */
  critical<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /** Logs at the level CRITICAL. */
  critical<T>(
    msg: T extends GenericFunction ? never : T,
    ...args: unknown[]
  ): T;
  critical<T>(msg: Message<T>, ...args: unknown[]): T | undefined {
    return this.#log(LogLevels.CRITICAL, msg, args);
  }

  #log<T>(level: LogLevel, msg: Message<T>, args: unknown[]): T | undefined {
    const lazy = msg instanceof Function;
    if (level < this.#level) return lazy ? undefined : msg;
    const message: T = lazy ? msg() : msg;
    const record = new LogRecord({
      msg: asText(message),
      args,
      level,
      loggerName: this.#name,
    });
    for (const handler of this.handlers) handler.handle(record);
    return message;
  }
}
