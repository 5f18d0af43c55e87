import type { GenericFunction } from "./logger.ts";
import { getLogger } from "./setup.ts";

/** Logs at the level DEBUG, with the default logger, what the function returns. */
export function debug<T>(msg: () => T, ...args: unknown[]): T | undefined;
/** Logs at the level DEBUG with the default logger. */
export function debug<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function debug(msg: unknown, ...args: unknown[]): unknown {
  return getLogger().debug(msg, ...args);
}

/** Logs at the level INFO, with the default logger, what the function returns. */
export function info<T>(msg: () => T, ...args: unknown[]): T | undefined;
/** Logs at the level INFO with the default logger. */
export function info<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function info(msg: unknown, ...args: unknown[]): unknown {
  return getLogger().info(msg, ...args);
}

/** Logs at the level WARN, with the default logger, what the function returns. */
export function warn<T>(msg: () => T, ...args: unknown[]): T | undefined;
/** Logs at the level WARN with the default logger. */
export function warn<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function warn(msg: unknown, ...args: unknown[]): unknown {
  return getLogger().warn(msg, ...args);
}

/** Logs at the level ERROR, with the default logger, what the function returns. */
export function error<T>(msg: () => T, ...args: unknown[]): T | undefined;
/** Logs at the level ERROR with the default logger. */
export function error<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function error(msg: unknown, ...args: unknown[]): unknown {
  return getLogger().error(msg, ...args);
}

/** Logs at the level CRITICAL, with the default logger, what the function returns. */
export function critical<T>(msg: () => T, ...args: unknown[]): T | undefined;
/** Logs at the level CRITICAL with the default logger. */
export function critical<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function critical(msg: unknown, ...args: unknown[]): unknown {
  return getLogger().critical(msg, ...args);
}
