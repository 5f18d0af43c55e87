/**
 * Runs the command line of the simulators inside a test.
 * @module
 */
import type { Writable } from "node:stream";
import { run } from "../../simulators/main.ts";
import type { Terminal } from "../../simulators/output/show.ts";
import { within } from "./arrivals.ts";

/** A command takes some seconds on a busy machine. */
const COMMAND_MS = 60_000;

/** The output of a command line and its exit code. */
export interface Told {
  readonly code: number;
  /** The lines of standard output. */
  readonly out: readonly string[];
  readonly text: string;
  readonly error: string;
}

/** Runs a command line as a program would. */
export function sim(...words: string[]): Promise<Told> {
  return simOn(undefined, ...words);
}

/** Runs a command line on a terminal. */
export function simOn(screen: Writable | undefined, ...words: string[]): Promise<Told> {
  return simWith(screen === undefined ? {} : { isTerminal: true, screen }, ...words);
}

/** Runs a command line on a terminal that also does this with each line. */
export async function simWith(terminal: Partial<Terminal>, ...words: string[]): Promise<Told> {
  const out: string[] = [];
  const error: string[] = [];
  const running = run(words, {
    isTerminal: false,
    stdin: new ReadableStream({ start: (controller) => controller.close() }),
    signal: new AbortController().signal,
    ...terminal,
    out(line) {
      out.push(line);
      terminal.out?.(line);
    },
    error(line) {
      error.push(line);
      terminal.error?.(line);
    },
  });
  const told = () => `sim ${words.join(" ")} goes on after ${[...out, ...error].join("\n")}`;
  const code = await within(running, told, COMMAND_MS);
  return { code, out, text: out.join("\n"), error: error.join("\n") };
}
