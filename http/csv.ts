/**
 * Tables as CSV, which people open in spreadsheets.
 * @see RFC 4180
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 * @module
 */

/** What a cell holds. */
export type Cell = string | number | boolean | null;

/**
 * What a spreadsheet takes for the beginning of a formula, also in full width, and behind blanks,
 * control characters and invisible ones, which some programs strip.
 */
const FORMULA = /^(?:[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|[\t\r\n])/u;

/** A number in E.164 holds nothing that could be run. */
const TELEPHONE = /^\+[1-9][0-9]{1,14}$/;

/** What has to stand in quotes; some spreadsheets part cells at semicolons or tabs. */
const QUOTED = /[",;\t\r\n]/;

/**
 * Writes a table with a line of headings. A spreadsheet runs what looks like a formula, and callers
 * choose what their numbers look like: a text that begins like a formula gets an apostrophe before
 * it. Telephone numbers in E.164 stay as they are, since other programs import them.
 */
export function csv<Column extends string>(
  columns: readonly Column[],
  rows: readonly { readonly [Name in Column]: Cell }[],
): string {
  const lines = rows.map((row) => columns.map((column) => written(row[column])));
  return [columns, ...lines].map((cells) => `${cells.join(",")}\r\n`).join("");
}

function written(cell: Cell): string {
  if (typeof cell !== "string") return cell === null ? "" : String(cell);
  const safe = FORMULA.test(cell) && !TELEPHONE.test(cell) ? `'${cell}` : cell;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
