/**
 * The environment: what the process was given, and `.env` in the working directory.
 * @module
 */
import { parseEnv } from "node:util";
import { SETTING_NAMES } from "./settings.ts";

/** Every name that is set in `.env`, and in the environment where it may be read. */
export function namesGiven(): string[] {
  const dotEnv = Object.keys(readDotEnv());
  try {
    return [...dotEnv, ...Object.keys(Deno.env.toObject())];
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return dotEnv;
    throw error;
  }
}

/** The environment; `.env` in the working directory fills the gaps. */
export function readEnvironment(): Record<string, string | undefined> {
  const set = SETTING_NAMES.map((name) => [name, Deno.env.get(name)] as const)
    .filter(([, value]) => value !== undefined);
  return { ...readDotEnv(), ...Object.fromEntries(set) };
}

function readDotEnv(): Record<string, string | undefined> {
  try {
    return parseEnv(Deno.readTextFileSync(".env"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
