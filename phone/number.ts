/**
 * Telephone numbers, however people, platforms and URLs write them: the one place that reads them.
 * @module
 */
import {
  type CountryCode,
  isSupportedCountry,
  Metadata,
  parsePhoneNumberFromString,
} from "libphonenumber-js/min";

/** Longer than any SIP address that has a number in it; what is longer is none. */
const MAX_CHARACTERS = 256;

/** Fewer digits without a plus and without a country are an extension or a national number. */
const LEAST_WITHOUT_PLUS = 9;

/** Fewer digits are an extension, except in countries where no number has more. */
const LEAST_NATIONAL = 6;

/** What people write between digits; invisible marks come along when a number is copied. */
const SEPARATORS = /[\s\p{Cf}\p{Pd}\u2212()[\]（）［］./．／·]/gu;

/** The forms of E.164: a country code does not begin with 0, and 15 digits are the most. */
const E164 = /^\+[1-9]\d{7,14}$/;

/** What a text has of a number: digits, and what is before them. */
interface Written {
  readonly digits: string;
  readonly plus: boolean;
  /** A plus in a query string or form that was not encoded arrives as a space. */
  readonly space: boolean;
}

/**
 * The number that a text names, in E.164 (`+254712345678`); null where it names none: extensions,
 * SIP users, names, nothing. Takes separators, digits of any script, a missing plus, `00` before
 * the country code, and `tel:`, `sip:` and `sips:` URIs; an extension behind the number is left out.
 * @param country reads national numbers such as `0712…` as numbers of this country (ISO 3166-1);
 * digits without a plus are read so first
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

/** The number that a text names, in E.164, or the text itself: the same person has one name. */
export function nameOf(text: string, country?: string): string {
  return toE164(text, country) ?? text;
}

/** Whether a country has numbers: two capital letters of ISO 3166-1, such as `KE`. */
export function isCountry(code: string): boolean {
  return isSupportedCountry(code);
}

/** Whether a text is written like a number; which one, and whether it is one, depends on the country. */
export function isWrittenLikeNumber(text: string): boolean {
  return writtenIn(text) !== null;
}

interface Reading {
  readonly e164: string;
  /** Whether such numbers have been given out; those that only have the right length are not sure. */
  readonly valid: boolean;
}

/** Reads until nothing changes: each time one superfluous trunk prefix falls. */
function parse(number: string, country?: string): Reading | null {
  const parsed = parsePhoneNumberFromString(number, country as CountryCode | undefined);
  if (!parsed?.isPossible()) return null;
  if (parsed.number !== number) return parse(parsed.number);
  return { e164: parsed.number, valid: parsed.isValid() };
}

function parseNational(digits: string, country: string): Reading | null {
  return digits.length < leastDigits(country) ? null : parse(digits, country);
}

const leasts = new Map<string, number>();

/** There are islands whose numbers have five digits. */
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

/** Numbering plans change faster than what we know of them: what has the form of E.164 is taken. */
function shaped(number: string): string | null {
  return E164.test(number) ? number : null;
}

function writtenIn(text: string): Written | null {
  if (text.length > MAX_CHARACTERS) return null;
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
 * What stands for the subscriber in a SIP or tel URI, with or without its scheme or a display name.
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

/** A plus is often escaped once too often. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `192.168.10.201` has as many digits as a number, and is none. */
function isAddress(text: string): boolean {
  const bytes = text.trim().split(".");
  return bytes.length === 4 && bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) < 256);
}

/** Unicode has each script's ten digits in a row, and several rows may follow each other. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0)!;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before++;
  return String(before % 10);
}
