/**
 * Parsers of single command-line arguments. All throw an InvalidArgumentError that says what is
 * valid.
 * @module
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { KeyPress } from "../inbound/call_inbound.ts";
import { type Lack, LACKS } from "../jambonz/call_context.ts";
import { parseScript, type Step } from "../jambonz/script.ts";

const KEY_PRESS = /^([0-9*#A-D])@(\d+(?:\.\d+)?)s?$/;
const MAX_HZ = 3400;

/** `1@3s,#@8s`: keys, and their times after the answer. */
export function keyPresses(text: string): KeyPress[] {
  return text.split(",").map((item) => {
    const [, digit, seconds] = KEY_PRESS.exec(item.trim()) ?? [];
    if (digit === undefined) {
      throw new InvalidArgumentError("Keys look like 1@3s,#@8s: 0-9, *, #, A-D.");
    }
    return { digit, afterMs: Number(seconds) * 1000 };
  });
}

/** A number above 0, such as seconds. */
export function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0) || !Number.isFinite(number)) {
    throw new InvalidArgumentError("A number above 0.");
  }
  return number;
}

/** A whole number of at least 0. */
export function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("A whole number.");
  return Number(text);
}

/** A number of calls: a whole number of at least 1. */
export function count(text: string): number {
  const number = whole(text);
  if (number === 0) throw new InvalidArgumentError("A whole number from 1 on.");
  return number;
}

/** `20/s` or `20`: calls per second. */
export function rate(text: string): number {
  return positive(text.replace(/\/s$/, ""));
}

/** The frequency of a tone, in Hz, that a telephone line carries. */
export function hertz(text: string): number {
  const hz = positive(text);
  if (hz > MAX_HZ) throw new InvalidArgumentError(`A telephone line carries at most ${MAX_HZ} Hz.`);
  return hz;
}

/** A `ws://` or `wss://` URL. */
export function socketUrl(text: string): string {
  if (!/^wss?:$/.test(URL.parse(text)?.protocol ?? "")) {
    throw new InvalidArgumentError("A URL that begins with ws:// or wss://.");
  }
  return text;
}

/** `recogniser,voice`: the services without credentials. */
export function lacks(text: string): Lack[] {
  return text.split(",").map((item) => {
    const lack = LACKS.find((name) => name === item.trim());
    if (lack === undefined) throw new InvalidArgumentError(`Valid are ${LACKS.join(" and ")}.`);
    return lack;
  });
}

/** The script of a jambonz call. */
export function script(text: string): Step[] {
  try {
    return parseScript(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
