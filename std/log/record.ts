import { getLevelName } from "./levels.ts";
import type { LogLevel } from "./levels.ts";

/** What a {@linkcode LogRecord} is made from. */
export interface LogRecordOptions {
  /** The message as text. */
  msg: string;
  /** What was logged with the message. */
  args: unknown[];
  /** The number of the level it was logged at. */
  level: LogLevel;
  /** The name of the logger it was logged by. */
  loggerName: string;
}

/** One message on its way to the handlers. */
export class LogRecord {
  /** The message as text. */
  readonly msg: string;
  /** The number of the level it was logged at. */
  readonly level: number;
  /** The name of the level it was logged at. */
  readonly levelName: string;
  /** The name of the logger it was logged by. */
  readonly loggerName: string;
  readonly #args: unknown[];
  readonly #time = Date.now();

  /** Makes a record of this moment. */
  constructor({ msg, args, level, loggerName }: LogRecordOptions) {
    this.msg = msg;
    this.level = level;
    this.levelName = getLevelName(level);
    this.loggerName = loggerName;
    this.#args = args.slice();
  }

  /** A copy of the list of what was logged with the message. */
  get args(): unknown[] {
    return this.#args.slice();
  }

  /** A copy of the moment at which the record was made. */
  get datetime(): Date {
    return new Date(this.#time);
  }
}
