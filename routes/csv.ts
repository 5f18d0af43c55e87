/**
 * Tables as CSV, which people open in spreadsheets.
 * @see RFC 4180
 * @module
 */

/** What a cell holds. */
export type Cell = string | number | boolean | null;

/** What a spreadsheet takes for the beginning of a formula, also in full width. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

/**
 * Writes a table with a line of headings. A spreadsheet runs what looks like a formula, and callers
 * choose what their numbers look like: a text that begins like one gets an apostrophe before it,
 * telephone numbers with a plus as well, so that they are read as they are and not as 2.54713E+11.
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
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
