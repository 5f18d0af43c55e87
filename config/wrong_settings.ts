/**
 * Settings at fault, as lines for a person.
 * @module
 */

/** Wrong settings, with what each expects. */
export class WrongSettings extends Error {
  override readonly name = "WrongSettings";

  /** `faults` are lines for a person: the setting, and what it expects. */
  constructor(readonly faults: readonly string[]) {
    super(faults.join("\n"));
  }
}

/** Settings that hold keys or telephone numbers. */
const PRIVATE: ReadonlySet<string> = new Set([
  "API_KEYS",
  "AUTH_SECRET",
  "INBOUND_SECRETS",
  "JAMBONZ_SECRET",
  "JOIN_NUMBERS",
  "PAYMENT_CALLBACK_SECRET",
]);

/** What is wrong with a setting: what it expects, and the value given, without secrets. */
export function faultOf(name: string, expected: string, value: string): string {
  return `${name}: ${expected}${given(name, value)}`;
}

function given(name: string, value: string): string {
  if (PRIVATE.has(name)) return "";
  const shown = value.replace(/\/\/[^/@]*@/, "//…@");
  return `; it is "${shown.length > 100 ? `${shown.slice(0, 100)}…` : shown}"`;
}
