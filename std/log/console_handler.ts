import { BaseHandler } from "./base_handler.ts";
import type { BaseHandlerOptions } from "./base_handler.ts";
import { LogLevels } from "./levels.ts";
import type { LevelName } from "./levels.ts";
import type { LogRecord } from "./record.ts";

/** What a {@linkcode ConsoleHandler} may be given. */
export interface ConsoleHandlerOptions extends BaseHandlerOptions {
  /** Whether lines are coloured by their level; they are unless this is `false`. */
  useColors?: boolean;
}

/** Writes every line with `console.log`, coloured by its level. */
export class ConsoleHandler extends BaseHandler {
  readonly #useColors: boolean;

  /** Makes a handler that lets pass what is at `levelName` or above. */
  constructor(levelName: LevelName, options: ConsoleHandlerOptions = {}) {
    super(levelName, options);
    this.#useColors = options.useColors ?? true;
  }

  /** The record as the line to be written, coloured if colours are wanted. */
  override format(logRecord: LogRecord): string {
    const line = super.format(logRecord);
    return this.#useColors ? coloured(line, logRecord.level) : line;
  }

  /** Writes the line. */
  override log(msg: string): void {
    console.log(msg);
  }
}

/** The line in the colour of the level. */
function coloured(line: string, level: number): string {
  if (Deno.noColor) return line;
  if (level === LogLevels.INFO) return blue(line);
  if (level === LogLevels.WARN) return yellow(line);
  if (level === LogLevels.ERROR) return red(line);
  if (level === LogLevels.CRITICAL) return bold(red(line));
  return line;
}

function blue(text: string): string {
  return `\x1b[34m${text}\x1b[39m`;
}

function yellow(text: string): string {
  return `\x1b[33m${text}\x1b[39m`;
}

function red(text: string): string {
  return `\x1b[31m${text}\x1b[39m`;
}

function bold(text: string): string {
  return `\x1b[1m${text}\x1b[22m`;
}
