/**
 * The table of every route and door with the scopes that open it.
 * @module
 */
import { grants, type NeededScope, SCOPE_MEANINGS, SCOPES } from "../access/scopes.ts";
import type { Route } from "../http/route.ts";

/** The document `scopes.md`. */
export function scopesDocument(routes: readonly Route[]): string {
  const meanings = SCOPES.map((scope) => `| \`${scope}\` | ${SCOPE_MEANINGS[scope]} |`);
  return `# Scopes

The scope of each route and door. A key has one scope or more; [keys.md](keys.md) explains how to create one. \`deno task docs\`
generates this page from the routes, and a test sends a request for each cell.

| scope | what it allows |
| --- | --- |
${meanings.join("\n")}

## Every route and door

_yes_: a key with only this scope passes. An empty cell is 403 for a key, and 401 without one. A key that
is bound to clients or numbers gets 404 for what is outside of them. On a server without any key, as on
loopback, everything passes without one but live calls.

${table(routes)}

For the messages of a door, the scope comes besides that of the door itself.
`;
}

function table(routes: readonly Route[]): string {
  const head = ["", "no key", ...SCOPES.map((scope) => `\`${scope}\``)];
  const rule = ["---", ...head.slice(1).map(() => ":-:")];
  return [head, rule, ...routes.flatMap(rowsOf)].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function rowsOf(route: Route): string[][] {
  const { method, path, scope } = route;
  const messages = route.method === "WS" ? Object.entries(route.messageScopes ?? {}) : [];
  return [
    [`\`${method} ${path}\``, ...cells(scope)],
    ...messages.map(([type, also]) => [`\`${method} ${path}\`: \`${type}\``, ...cells(also)]),
  ];
}

function cells(needed: NeededScope): string[] {
  const yes = (does: boolean) => does ? "yes" : "";
  return [
    yes(needed === "everyone"),
    ...SCOPES.map((scope) => yes(grants(new Set([scope]), needed))),
  ];
}
