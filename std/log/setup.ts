import type { BaseHandler } from "./base_handler.ts";
import { ConsoleHandler } from "./console_handler.ts";
import type { LogConfig, LoggerConfig } from "./config.ts";
import { Logger } from "./logger.ts";

const DEFAULT_LEVEL = "INFO";
const DEFAULT_HANDLERS: Record<string, BaseHandler> = {
  default: new ConsoleHandler(DEFAULT_LEVEL),
};
const DEFAULT_LOGGERS: Record<string, LoggerConfig> = {
  default: { level: DEFAULT_LEVEL, handlers: ["default"] },
};

const handlers = new Map<string, BaseHandler>();
const loggers = new Map<string, Logger>();

/**
 * Replaces all handlers and loggers by those of the configuration. The default ones stay unless it
 * has others of the name "default". Loggers that were got before are no longer connected.
 */
export function setup(config: LogConfig): void {
  for (const handler of handlers.values()) handler.destroy();
  handlers.clear();
  for (
    const [name, handler] of Object.entries({
      ...DEFAULT_HANDLERS,
      ...config.handlers,
    })
  ) {
    handler.setup();
    handlers.set(name, handler);
  }

  loggers.clear();
  for (
    const [name, logger] of Object.entries({
      ...DEFAULT_LOGGERS,
      ...config.loggers,
    })
  ) {
    const named = (logger.handlers ?? []).flatMap((handler) => handlers.get(handler) ?? []);
    loggers.set(
      name,
      new Logger(name, logger.level ?? DEFAULT_LEVEL, { handlers: named }),
    );
  }
}

/**
 * The logger of that name, or the default one. A name that is not set up gives a logger without
 * handlers, so that nothing is logged.
 */
export function getLogger(name?: string): Logger {
  const wanted = name || "default";
  const known = loggers.get(wanted);
  if (known) return known;
  const logger = new Logger(wanted, "NOTSET", { handlers: [] });
  loggers.set(wanted, logger);
  return logger;
}

setup({});
