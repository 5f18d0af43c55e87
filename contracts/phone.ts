/**
 * Phone numbers as people and query strings write them, in E.164.
 * @module
 */

const E164 = /^\+[1-9]\d{7,14}$/;

/**
 * Takes spaces, dashes and parentheses out, and puts a `+` before 8 to 15 bare digits: `254…` is
 * what platforms send, and a `+` in a query string arrives as a space.
 */
export function normalisePhone(phone: string): string {
  const compact = phone.replace(/[\s()\-\u2010-\u2015]/g, "");
  return /^[1-9]\d{7,14}$/.test(compact) ? `+${compact}` : compact;
}

/** Whether a phone number is in E.164: `+254712345678`. */
export function isE164(phone: string): boolean {
  return E164.test(phone);
}
