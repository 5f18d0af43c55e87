/**
 * Measurements as a table that is readable in a terminal and in Markdown.
 * @module
 */
import { median } from "./quantiles.ts";

/** One measure, with a number from each round. */
export interface Row {
  readonly measure: string;
  readonly bare?: readonly number[];
  readonly tipring: readonly number[];
}

/**
 * Prints a scenario's rows: medians, and in brackets the least and the most of several rounds.
 */
export function printTable(title: string, rows: readonly Row[]): void {
  const cells = [
    ["", "bare Deno", "Tipring", "ratio"],
    ...rows.map(({ measure, bare, tipring }) => [
      measure,
      bare === undefined ? "" : cell(bare),
      cell(tipring),
      bare === undefined ? "" : number(median(tipring) / median(bare), 2),
    ]),
  ];
  printCells(title, cells);
}

/** Prints rows of text under a title; the first row is the head. */
export function printCells(title: string, cells: readonly (readonly string[])[]): void {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => pad(text, widths[column]!, column)).join(" | ")} |`;
  const rule = `| ${
    widths.map((width, column) => column === 0 ? "-".repeat(width) : "-".repeat(width - 1) + ":")
      .join(" | ")
  } |`;
  console.log(`\n### ${title}\n`);
  console.log([line(cells[0]!), rule, ...cells.slice(1).map(line)].join("\n"));
}

function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}

function cell(numbers: readonly number[]): string {
  const middle = number(median(numbers));
  if (numbers.length < 2) return middle;
  return `${middle} (${number(Math.min(...numbers))}–${number(Math.max(...numbers))})`;
}

function number(value: number, decimals?: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = decimals ?? (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
  return Number.isInteger(value) && decimals === undefined ? String(value) : value.toFixed(digits);
}
