/**
 * Reads telephone numbers as people, platforms and URLs write them. All code uses this module.
 * @module
 */
import {
  type CountryCode,
  isSupportedCountry,
  Metadata,
  parsePhoneNumberFromString,
} from "libphonenumber-js/min";

/** Longer texts are not numbers: no SIP address with a number is longer. */
const MAX_CHARACTERS = 256;

/** Without a plus and a country, fewer digits are an extension or a national number. */
const LEAST_WITHOUT_PLUS = 9;

/** Fewer digits are an extension, except in countries whose numbers are all shorter. */
const LEAST_NATIONAL = 6;

/** What people write between digits, and invisible marks, which come with copied text. */
const SEPARATORS = /[\s\p{Cf}\p{Pd}\u2212()[\]（）［］./．／·]/gu;

/** E.164: a country code does not begin with 0, and 15 digits are the maximum. */
const E164 = /^\+[1-9]\d{7,14}$/;

/** The digits of a text, and what precedes them. */
interface Written {
  readonly digits: string;
  readonly plus: boolean;
  /** A plus that was not encoded in a query string or form arrives as a space. */
  readonly space: boolean;
}

/**
 * Reads the number in a text into E.164 (`+254712345678`); null if there is none: extensions, SIP
 * users, names, nothing. Accepts separators, digits of any script, a missing plus, `00` before the
 * country code, and `tel:`, `sip:` and `sips:` URIs. Drops an extension behind the number.
 * @param country reads national numbers such as `0712…` as numbers of this country (ISO 3166-1), and
 * tries that first for digits without a plus
 */
export function toE164(text: string, country?: string): string | null {
  const written = writtenIn(text);
  if (written === null) return null;
  const { digits, plus, space } = written;
  if (plus) return parse(`+${digits}`)?.e164 ?? shaped(`+${digits}`);
  const national = country === undefined ? null : parseNational(digits, country);
  const dialled = digits.startsWith("00") ? `+${digits.slice(2)}` : undefined;
  const least = space ? 0 : LEAST_WITHOUT_PLUS;
  const international = dialled !== undefined
    ? parse(dialled)
    : digits.length >= least
    ? parse(`+${digits}`)
    : null;
  const readings = space ? [international, national] : [national, international];
  return readings.find((reading) => reading?.valid)?.e164 ?? international?.e164 ??
    national?.e164 ?? (dialled === undefined ? null : shaped(dialled));
}

/** The number in a text in E.164, or else the text: so one person has one name. */
export function e164OrText(text: string, country?: string): string {
  return toE164(text, country) ?? text;
}

/** Whether a code is a country with telephone numbers: ISO 3166-1, such as `KE`. */
export function isCountry(code: string): boolean {
  return isSupportedCountry(code);
}

/** Whether a text looks like a number. Whether it is one depends on the country. */
export function isWrittenLikeNumber(text: string): boolean {
  return writtenIn(text) !== null;
}

interface Reading {
  readonly e164: string;
  /** Whether such numbers are assigned; otherwise only the length is right. */
  readonly valid: boolean;
}

/** Parses until nothing changes: each round drops one superfluous trunk prefix. */
function parse(number: string, country?: string): Reading | null {
  const parsed = parsePhoneNumberFromString(number, country as CountryCode | undefined);
  if (!parsed?.isPossible()) return null;
  if (parsed.number !== number) return parse(parsed.number);
  return {
    e164: parsed.number,
    get valid() {
      return parsed.isValid();
    },
  };
}

function parseNational(digits: string, country: string): Reading | null {
  return digits.length < leastDigits(country) ? null : parse(digits, country);
}

const leasts = new Map<string, number>();

/** Some islands have numbers of five digits. */
function leastDigits(country: string): number {
  let least = leasts.get(country);
  if (least === undefined) {
    const metadata = new Metadata();
    metadata.selectNumberingPlan(country as CountryCode);
    const lengths = metadata.numberingPlan?.possibleLengths() ?? [];
    least = Math.min(LEAST_NATIONAL, Math.max(...lengths));
    leasts.set(country, least);
  }
  return least;
}

/** Accepts anything in the form of E.164: numbering plans change faster than our metadata. */
function shaped(number: string): string | null {
  return E164.test(number) ? number : null;
}

function writtenIn(text: string): Written | null {
  if (text.length > MAX_CHARACTERS) return null;
  // Most numbers have this form, and need nothing of what follows.
  const bare = /^(\+?)(\d+)$/.exec(text);
  if (bare !== null) return { digits: bare[2]!, plus: bare[1] === "+", space: false };
  const subscriber = subscriberOf(text)
    .replace(/[\s,]*(?:ext(?:ension|n)?|x)[.:]?\s*\d{1,7}$/i, "");
  if (isAddress(subscriber)) return null;
  const compact = subscriber.replace(SEPARATORS, "").replace(/[＋﹢]/g, "+")
    .replace(/\p{Nd}/gu, asciiDigit);
  const found = /^(\+?)(\d+)$/.exec(compact);
  if (found === null) return null;
  return { digits: found[2]!, plus: found[1] === "+", space: /^ \p{Nd}/u.test(text) };
}

/**
 * The subscriber part of a SIP or tel URI, with or without its scheme or a display name.
 * @see RFC 3261, 19.1.1 and 25.1; RFC 3966, 5.1.5 for the context of local numbers
 */
function subscriberOf(text: string): string {
  const address = /<([^<>]*)>/.exec(text)?.[1] ?? text;
  const [, scheme, rest = address] = /^\s*(tel|sips?):(.*)$/is.exec(address) ?? [];
  const [user = "", ...parameters] = unescaped(rest).replace(/@.*$/s, "").split(";");
  const context = parameters.map((parameter) => /^phone-context=(\+.+)$/i.exec(parameter)?.[1])
    .find((found) => found !== undefined);
  const subscriber = scheme === undefined ? user : user.replace(/:.*$/s, "");
  return context === undefined || /^\s*[+＋]/.test(subscriber) ? subscriber : context + subscriber;
}

/** Decodes a text: a plus is often encoded once too often. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `192.168.10.201` has as many digits as a number, but is an address. */
function isAddress(text: string): boolean {
  const bytes = text.trim().split(".");
  return bytes.length === 4 && bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) < 256);
}

/** Unicode lists each script's ten digits in a row; rows may be adjacent. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0)!;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before++;
  return String(before % 10);
}
