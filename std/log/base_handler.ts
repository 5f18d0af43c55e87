import { getLevelByName, getLevelName } from "./levels.ts";
import type { LevelName, LogLevel } from "./levels.ts";
import type { LogRecord } from "./record.ts";

/** Turns a record into the line to be written. */
export type FormatterFunction = (logRecord: LogRecord) => string;

/** What a handler may be given. */
export interface BaseHandlerOptions {
  /** How records become lines; by default the level's name and the message. */
  formatter?: FormatterFunction;
}

/** What every handler is made from: it lets pass, formats and logs records. */
export abstract class BaseHandler {
  /** How records become lines. */
  formatter: FormatterFunction;
  #level: LogLevel;

  /** Makes a handler that lets pass what is at `levelName` or above. */
  constructor(levelName: LevelName, options: BaseHandlerOptions = {}) {
    this.#level = getLevelByName(levelName);
    this.formatter = options.formatter ??
      (({ levelName, msg }) => `${levelName} ${msg}`);
  }

  /** The number of its level. */
  get level(): LogLevel {
    return this.#level;
  }

  /** Sets its level by number. */
  set level(level: LogLevel) {
    this.#level = getLevelByName(getLevelName(level));
  }

  /** The name of its level. */
  get levelName(): LevelName {
    return getLevelName(this.#level);
  }

  /** Sets its level by name. */
  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  /** Formats and logs the record, unless it is below the handler's level. */
  handle(logRecord: LogRecord): void {
    if (logRecord.level >= this.#level) this.log(this.format(logRecord));
  }

  /** The record as the line to be written. */
  format(logRecord: LogRecord): string {
    return this.formatter(logRecord);
  }

  /** Writes a line to wherever the handler writes. */
  abstract log(msg: string): void;

  /** Is called when the handler is set up. */
  setup(): void {}

  /** Is called when another set-up replaces the handler. */
  destroy(): void {}

  /** Destroys the handler at the end of its scope. */
  [Symbol.dispose](): void {
    this.destroy();
  }
}
