/**
 * Telephone numbers as platforms write them, and in E.164.
 * @module
 */
import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/min";

/**
 * A number in E.164 (`+15083084809`), or null for what has none: extensions, SIP users, nothing.
 * @param country reads national numbers such as `0712…` as numbers of this country
 */
export function toE164(number: string, country?: string): string | null {
  const trimmed = number.trim().replace(/^sips?:/, "").replace(/@.*$/, "");
  const national = parse(trimmed, country);
  if (national !== null) return national;
  // Many platforms leave the plus away.
  return /^[1-9]\d{9,14}$/.test(trimmed) ? parse(`+${trimmed}`) : null;
}

function parse(number: string, country?: string): string | null {
  const parsed = parsePhoneNumberFromString(number, country as CountryCode | undefined);
  return parsed?.isPossible() ? parsed.number : null;
}
