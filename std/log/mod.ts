/**
 * A stand-in for `@std/log`: loggers, handlers and formatters, with the signatures and the
 * documented behaviour of the original. Handlers that write to files are not part of it.
 *
 * @module
 */

export { BaseHandler } from "./base_handler.ts";
export type { BaseHandlerOptions, FormatterFunction } from "./base_handler.ts";
export { ConsoleHandler } from "./console_handler.ts";
export type { ConsoleHandlerOptions } from "./console_handler.ts";
export { critical, debug, error, info, warn } from "./default_logger.ts";
export { formatters, jsonFormatter } from "./formatters.ts";
export { getLevelByName, getLevelName, LogLevelNames, LogLevels } from "./levels.ts";
export type { LevelName, LogLevel } from "./levels.ts";
export { Logger, LoggerConfig } from "./logger.ts";
// The original exports the class as a type only; `@std/log/logger` exports the class itself.
export type {
  GenericFunction,
  LogConfig,
  LoggerOptions,
  LogRecord,
  LogRecordOptions,
} from "./logger.ts";
export { getLogger, setup } from "./setup.ts";
