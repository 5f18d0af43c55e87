import type { LogRecord } from "./record.ts";

/**
 * A record as one line of JSON: `level` (the name), `datetime` (in milliseconds), `message` and, if
 * anything was logged with it, `args`: the thing itself if it is one, a list if they are more.
 */
export function jsonFormatter(logRecord: LogRecord): string {
  const { levelName, datetime, msg, args } = logRecord;
  return JSON.stringify({
    level: levelName,
    datetime: datetime.getTime(),
    message: msg,
    args: args.length > 1 ? args : args[0],
  });
}

/** The formatters that come with the package. */
export const formatters = { jsonFormatter } as const;
