/**
 * Writes tables as CSV, safe to open in a spreadsheet.
 * @see RFC 4180
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 * @module
 */

/** The value of a cell. */
export type Cell = string | number | boolean | null;

/**
 * How a formula begins for a spreadsheet. Includes full-width signs, and signs behind blanks, control
 * and invisible characters, which some programs strip.
 */
const FORMULA = /^(?:[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|[\t\r\n])/u;

/** A number in E.164: it cannot be a formula. */
const TELEPHONE = /^\+[1-9][0-9]{1,14}$/;

/** Needs quotes. Some spreadsheets split cells at semicolons or tabs. */
const QUOTED = /[",;\t\r\n]/;

/**
 * One line of a table. A spreadsheet runs text that looks like a formula, and callers choose what
 * their numbers look like, so such text gets an apostrophe in front. Telephone numbers in E.164 stay
 * as they are: other programs import them.
 */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(written).join(",")}\r\n`;
}

function written(cell: Cell): string {
  if (typeof cell !== "string") return cell === null ? "" : String(cell);
  const safe = FORMULA.test(cell) && !TELEPHONE.test(cell) ? `'${cell}` : cell;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
