/**
 * What `@std/log` exports, written from its documentation.
 * @see https://jsr.io/@std/log@0.224.14/doc
 * @module
 */
import type { BaseHandler, LoggerConfig, LogRecord } from "@std/log";
import type { Logger } from "@std/log/logger";
import type { AbstractClass, Class, DocumentedPackage } from "./package.ts";

const baseHandler = {
  BaseHandler: "class",
  BaseHandlerOptions: "type",
  FormatterFunction: "type",
} as const;

const consoleHandler = { ConsoleHandler: "class", ConsoleHandlerOptions: "type" } as const;

const fileHandler = { FileHandler: "class", FileHandlerOptions: "type", LogMode: "type" } as const;

const formatters = { formatters: "const", jsonFormatter: "function" } as const;

const levels = {
  LevelName: "type",
  LogLevel: "type",
  LogLevelNames: "const",
  LogLevels: "const",
  getLevelByName: "function",
  getLevelName: "function",
} as const;

const logger = {
  GenericFunction: "type",
  LogConfig: "type",
  LogRecord: "class",
  LogRecordOptions: "type",
  Logger: "class",
  LoggerConfig: "class",
  LoggerOptions: "type",
} as const;

const absent = ["FileHandler", "RotatingFileHandler"] as const;

/** Every entry point with the names that it exports. */
export const logPackage: DocumentedPackage = {
  version: "0.224.14",
  entryPoints: {
    ".": {
      ...baseHandler,
      ...consoleHandler,
      ...fileHandler,
      ...formatters,
      ...levels,
      ...logger,
      // The module of the handlers hands it on as a type, and comes first.
      LogRecord: "type",
      RotatingFileHandler: "class",
      critical: "function",
      debug: "function",
      error: "function",
      getLogger: "function",
      info: "function",
      setup: "function",
      warn: "function",
    },
    "./base-handler": { ...baseHandler, LevelName: "type", LogLevel: "type", LogRecord: "type" },
    "./console-handler": consoleHandler,
    "./critical": { critical: "function" },
    "./debug": { debug: "function" },
    "./error": { error: "function" },
    "./file-handler": fileHandler,
    "./formatters": formatters,
    "./get-logger": { Logger: "type", getLogger: "function" },
    "./info": { info: "function" },
    "./levels": levels,
    "./logger": logger,
    "./rotating-file-handler": { RotatingFileHandler: "class" },
    "./setup": { setup: "function" },
    "./warn": { GenericFunction: "type", warn: "function" },
  },
  absent,
};

type LevelName = "NOTSET" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "CRITICAL";
type Level = 0 | 10 | 20 | 30 | 40 | 50;
// deno-lint-ignore no-explicit-any -- as in the original
type GenericFunction = (...args: any[]) => any;
type Formatter = (logRecord: LogRecord) => string;

interface LogMethod {
  <T>(msg: () => T, ...args: unknown[]): T | undefined;
  <T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
}

interface HandlerOptions {
  formatter?: Formatter;
}

interface HandlerMembers {
  formatter: Formatter;
  level: Level;
  levelName: LevelName;
  handle: (logRecord: LogRecord) => void;
  format: (logRecord: LogRecord) => string;
  log: (msg: string) => void;
  setup: () => void;
  destroy: () => void;
  [Symbol.dispose]: () => void;
}

type LogRecordClass = Class<
  [options: LogTypes["LogRecordOptions"]],
  {
    readonly msg: string;
    readonly level: number;
    readonly levelName: string;
    readonly loggerName: string;
    readonly args: unknown[];
    readonly datetime: Date;
  }
>;

/** The signatures of what the stand-in's `./logger` offers at run time. */
export interface LoggerValues {
  Logger: Class<
    [loggerName: string, levelName: LevelName, options?: { handlers?: BaseHandler[] }],
    {
      handlers: BaseHandler[];
      level: Level;
      levelName: LevelName;
      readonly loggerName: string;
      debug: LogMethod;
      info: LogMethod;
      warn: LogMethod;
      error: LogMethod;
      critical: LogMethod;
    }
  >;
  LoggerConfig: Class<[], LogTypes["LoggerConfig"]>;
  LogRecord: LogRecordClass;
}

/** The signatures of what the stand-in's `./formatters` offers at run time. */
export interface FormatterValues {
  formatters: { readonly jsonFormatter: Formatter };
  jsonFormatter: Formatter;
}

/** The signatures of what the stand-in's main module offers at run time: no `LogRecord`. */
export interface LogValues extends Omit<LoggerValues, "LogRecord">, FormatterValues {
  BaseHandler: AbstractClass<[levelName: LevelName, options?: HandlerOptions], HandlerMembers>;
  ConsoleHandler: Class<
    [levelName: LevelName, options?: LogTypes["ConsoleHandlerOptions"]],
    HandlerMembers
  >;
  LogLevelNames: LevelName[];
  LogLevels: {
    readonly NOTSET: 0;
    readonly DEBUG: 10;
    readonly INFO: 20;
    readonly WARN: 30;
    readonly ERROR: 40;
    readonly CRITICAL: 50;
  };
  critical: LogMethod;
  debug: LogMethod;
  error: LogMethod;
  getLevelByName: (name: LevelName) => Level;
  getLevelName: (level: Level) => LevelName;
  getLogger: (name?: string) => Logger;
  info: LogMethod;
  setup: (config: LogTypes["LogConfig"]) => void;
  warn: LogMethod;
}

/** The types of the stand-in. */
export interface LogTypes {
  BaseHandlerOptions: HandlerOptions;
  ConsoleHandlerOptions: { formatter?: Formatter; useColors?: boolean };
  FormatterFunction: Formatter;
  GenericFunction: GenericFunction;
  LevelName: LevelName;
  LogConfig: {
    handlers?: { [name: string]: BaseHandler };
    loggers?: { [name: string]: LoggerConfig };
  };
  LogLevel: Level;
  LogRecord: LogRecordClass["members"];
  LogRecordOptions: { msg: string; args: unknown[]; level: Level; loggerName: string };
  LoggerConfig: { level?: LevelName; handlers?: string[] };
  LoggerOptions: { handlers?: BaseHandler[] };
}

/** Values of the original that the stand-in does not have. */
export type LogAbsent = typeof absent[number];
