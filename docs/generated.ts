/**
 * The documents that are generated from the code: settings, scopes, state diagrams, the OpenAPI and AsyncAPI
 * documents, and the methods of each line.
 * @module
 */
import { z } from "zod";
import { LINE_METHODS } from "../calls/app.ts";
import { CALL_MOVES } from "../calls/call_record.ts";
import { readConfig } from "../config/config.ts";
import { Settings } from "../config/settings.ts";
import { CONTRACT_MOVES } from "../contracts/contract.ts";
import { PAYMENT_MOVES } from "../contracts/payment.ts";
import { createLog } from "../log.ts";
import { DEFERRED, IGNORED, type Table } from "../session/machine.ts";
import { asyncApi } from "../http/documents/asyncapi.ts";
import { openApi } from "../http/documents/openapi.ts";
import type { Route } from "../http/route.ts";
import { describeRoutes } from "../server/start.ts";
import { scopesDocument } from "./scopes_table.ts";

/** The documents by their paths in this folder. */
export async function generated(): Promise<Record<string, string>> {
  const log = createLog({ level: "error", format: "json" });
  const routes = await describeRoutes(readConfig({}), log);
  return {
    "asyncapi.json": `${JSON.stringify(asyncApi(routes), null, 2)}\n`,
    "openapi.json": `${JSON.stringify(openApi(routes), null, 2)}\n`,
    "scopes.md": scopesDocument(routes),
    "settings.md": settings(),
    "states.md": states(routes),
    "writing_an_app.md": await writingAnApp(),
  };
}

/** A document written by hand, with one table that is generated from the code. */
async function writingAnApp(): Promise<string> {
  const text = await Deno.readTextFile(new URL("writing_an_app.md", import.meta.url));
  return text.replace(
    /(<!-- made from LINE_METHODS[^\n]*\n)[\s\S]*(<!-- end -->)/,
    (_, from, to) => `${from}\n${lineMethods()}\n\n${to}`,
  );
}

function lineMethods(): string {
  const cell = (can: true | string) => can === true ? "yes" : `no: use ${can}`;
  const rows = [
    ["", "inbound", "jambonz"],
    ...Object.entries(LINE_METHODS).map((
      [method, { inbound, jambonz }],
    ) => [`\`${method}\``, cell(inbound), cell(jambonz)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(" | ")} |`;
  const [head, ...body] = rows.map(line);
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [head, rule, ...body].join("\n");
}

function settings(): string {
  const rows = Object.entries(Settings.shape).map(([name, schema]) => {
    const { description, preset: said } = z.globalRegistry.get(schema) ?? {};
    const preset = said ?? schema.parse(undefined);
    const shown = preset === undefined || preset instanceof Map ? "" : String(preset);
    return `| \`${name}\` | ${shown === "" ? "" : `\`${shown}\``} | ${description} |`;
  });
  return `# Settings

The server reads its settings once, from the environment and from \`.env\` in the working directory; the
environment overrides \`.env\`. If any are invalid, it lists them and exits with 2. \`deno task docs\` makes this
page from \`config/\`.

| setting | default | description |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function states(routes: readonly Route[]): string {
  return `# States

Generated from the tables in the code; \`[*]\` is where each starts and where it may end. Each arrow of a
protocol shows the events that cause it. An event that the table does not have for a state is unexpected
there: it is counted and logged, and the session continues.

${tables(routes)}
${diagram("A call", CALL_MOVES)}
${diagram("A contract", CONTRACT_MOVES)}
${diagram("A payment", PAYMENT_MOVES)}`;
}

/** The tables of the protocols, door by door. */
function tables(routes: readonly Route[]): string {
  const doors = new Map(
    routes.flatMap((route) => route.method === "WS" ? [[route.door, route.protocol] as const] : []),
  );
  return [...doors].map(([door, protocol]) =>
    "table" in protocol ? table(`The door: ${door}`, protocol.table as Table<string, string>) : ""
  ).join("\n");
}

/** A protocol's table: a diagram of its transitions, and a list of ignored and deferred events. */
function table(title: string, states: Table<string, string>): string {
  const arrows: string[] = [];
  const quiet: string[] = [];
  for (const [from, row] of Object.entries(states)) {
    const events = Object.entries(row);
    if (events.length === 0) arrows.push(`  ${from} --> [*]`);
    const on = new Map<string, string[]>();
    const without = new Map<unknown, string[]>([[IGNORED, []], [DEFERRED, []]]);
    for (const [event, cell] of events) {
      without.get(cell)?.push(`\`${event}\``);
      if (cell === IGNORED || cell === DEFERRED) continue;
      for (const to of typeof cell === "string" ? [cell] : cell as readonly string[]) {
        on.set(to, [...on.get(to) ?? [], event]);
      }
    }
    for (const [to, names] of on) arrows.push(`  ${from} --> ${to} : ${names.join("<br>")}`);
    const [ignored, deferred] = [...without.values()].map((names) => names.join(", "));
    if (deferred) quiet.push(`- In \`${from}\`, these wait for the next state: ${deferred}.`);
    if (ignored) quiet.push(`- In \`${from}\`, these have no effect: ${ignored}.`);
  }
  const list = quiet.length === 0 ? "" : `\n${quiet.join("\n")}\n`;
  return `${mermaid(title, Object.keys(states)[0]!, arrows)}${list}`;
}

function diagram(title: string, moves: Readonly<Record<string, readonly string[]>>): string {
  const arrows = Object.entries(moves).flatMap(([from, tos]) =>
    tos.length === 0 ? [`  ${from} --> [*]`] : tos.map((to) => `  ${from} --> ${to}`)
  );
  return mermaid(title, Object.keys(moves)[0]!, arrows);
}

function mermaid(title: string, first: string, arrows: readonly string[]): string {
  return `## ${title}

\`\`\`mermaid
stateDiagram-v2
  [*] --> ${first}
${arrows.join("\n")}
\`\`\`
`;
}
