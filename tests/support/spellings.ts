/**
 * How people, platforms, URLs and copied contacts write telephone numbers.
 * @module
 */

/** A number and its parts. */
interface Numbered {
  readonly e164: string;
  readonly countryCode: string;
  /** The national number in the usual groups. */
  readonly groups: readonly string[];
}

const NUMBERS: readonly Numbered[] = [
  { e164: "+254712345678", countryCode: "254", groups: ["712", "345", "678"] },
  { e164: "+254202223456", countryCode: "254", groups: ["20", "222", "3456"] },
  { e164: "+299123456", countryCode: "299", groups: ["12", "34", "56"] },
  { e164: "+15083084809", countryCode: "1", groups: ["508", "308", "4809"] },
  { e164: "+442079460958", countryCode: "44", groups: ["20", "7946", "0958"] },
  { e164: "+390612345678", countryCode: "39", groups: ["06", "1234", "5678"] },
];

/** Spellings with the country code. */
const INTERNATIONAL: readonly ((number: Numbered) => string)[] = [
  ({ e164 }) => e164,
  ({ e164 }) => e164.slice(1),
  ({ e164 }) => `00${e164.slice(1)}`,
  ({ e164 }) => ` ${e164.slice(1)}`,
  ({ e164 }) => `  ${e164} `,
  ({ e164 }) => e164.replace("+", "%2B"),
  ({ e164 }) => e164.replace("+", "%2b"),
  ({ countryCode, groups }) => `+${countryCode} ${groups.join(" ")}`,
  ({ countryCode, groups }) => `${countryCode} ${groups.join(" ")}`,
  ({ countryCode, groups }) => `00 ${countryCode} ${groups.join(" ")}`,
  ({ countryCode, groups }) => `+${countryCode}-${groups.join("-")}`,
  ({ countryCode, groups }) => `${countryCode}.${groups.join(".")}`,
  ({ countryCode, groups }) => `+${countryCode} (${groups[0]}) ${groups.slice(1).join("-")}`,
  ({ countryCode, groups }) => `(${countryCode}) ${groups[0]}-${groups.slice(1).join("")}`,
  ({ countryCode, groups }) => `(+${countryCode}) ${groups.join("")}`,
  ({ countryCode, groups }) => `+${countryCode}\u00a0${groups.join("\u202f")}`,
  ({ countryCode, groups }) => `\u202a+${countryCode} ${groups.join("\u2011")}\u202c`,
  ({ countryCode, groups }) => `+${countryCode}/${groups.join("–")}`,
  ({ e164 }) => inScript(e164, 0xff10).replace("+", "＋"),
  ({ e164 }) => inScript(e164, 0x0660),
  ({ e164 }) => inScript(e164.slice(1), 0x0966),
  ({ e164 }) => `tel:${e164}`,
  ({ countryCode, groups }) => `tel:+${countryCode}-${groups.join("-")};ext=12`,
  ({ countryCode, groups }) => `tel:${groups.join("")};phone-context=+${countryCode}`,
  ({ e164 }) => `sip:${e164}@203.0.113.5`,
  ({ e164 }) => `sip:${e164.slice(1)}@example.com;user=phone`,
  ({ e164 }) => `sips:${e164};ext=12@example.com:5061`,
  ({ e164 }) => `"Wanjiru" <sip:${e164}@example.com>`,
  ({ e164 }) => `${e164};ext=7`,
  ({ e164 }) => `${e164} ext. 7`,
  ({ e164 }) => `${e164.slice(1)} x7`,
];

/** Spellings that only a Kenyan server can read. */
const KENYAN: readonly ((national: string) => string)[] = [
  (national) => `0${national}`,
  (national) => national,
  (national) => `0${national.slice(0, 3)} ${national.slice(3, 6)} ${national.slice(6)}`,
  (national) => `(0${national.slice(0, 2)}) ${national.slice(2)}`,
  (national) => `0${national.slice(0, 3)}-${national.slice(3)}`,
  (national) => `${national.slice(0, 3)}.${national.slice(3)}`,
  (national) => `tel:0${national}`,
  (national) => `sip:0${national}@example.com`,
  (national) => inScript(`0${national}`, 0x0660),
  (national) => `000254${national}`,
  (national) => `+254 (0) ${national}`,
];

/** One spelling of a number. */
export interface Spelling {
  readonly written: string;
  readonly e164: string;
}

/** Spellings that are valid everywhere. */
export const SPELLINGS: readonly Spelling[] = NUMBERS.flatMap((number) =>
  INTERNATIONAL.map((spell) => ({ written: spell(number), e164: number.e164 }))
);

/** Spellings that are valid when DEFAULT_COUNTRY is KE. */
export const KENYAN_SPELLINGS: readonly Spelling[] = ["712345678", "202223456"].flatMap((
  national,
) => KENYAN.map((spell) => ({ written: spell(national), e164: `+254${national}` })));

function inScript(text: string, zero: number): string {
  return text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
}
