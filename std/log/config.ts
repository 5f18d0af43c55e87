import type { BaseHandler } from "./base_handler.ts";
import type { LevelName } from "./levels.ts";

/** How one logger is set up. */
export class LoggerConfig {
  /** The level it lets pass; INFO if there is none. */
  level?: LevelName;
  /** The names of its handlers. */
  handlers?: string[];
}

/** How all handlers and loggers are set up. */
export interface LogConfig {
  /** The handlers by name. */
  handlers?: { [name: string]: BaseHandler };
  /** The loggers by name. */
  loggers?: { [name: string]: LoggerConfig };
}
