/**
 * Scopes: what a key allows. Every route and door needs one.
 * @module
 */
import { z } from "zod";

/** What each scope allows, for people. */
export const SCOPE_MEANINGS = {
  "calls:read": "the call log, records, transcripts and CDRs",
  "calls:control": "act on calls, start recordings, add transcripts, join and end calls",
  "calls:listen": "watch live calls, create tickets to watch them, and fetch recordings",
  "contracts:read": "contracts, their signatures, and payments",
  "contracts:write": "open, change and sign contracts",
  "payments:write": "record payments",
  "payments:callback": "settle payments, as their provider",
  "events:read": "the event stream",
  "webhooks": "webhooks and their deliveries",
  "notifications": "the sockets and inboxes of clients",
  "line:inbound": "bring calls to the inbound call door",
  "line:jambonz": "bring calls and their audio to the jambonz doors",
  "keys": "list, create and revoke keys",
  "operate": "run the server; no route needs it yet",
  "all": "everything",
} as const satisfies Readonly<Record<string, string>>;

/** The names of the scopes. */
export const SCOPES = Object.keys(SCOPE_MEANINGS) as (keyof typeof SCOPE_MEANINGS)[];

/** What a key allows. */
export const Scope = z.enum(SCOPES).meta({
  id: "Scope",
  description: "What a key is for: docs/scopes.md has every route and door with its scope",
});
/** What a key allows. */
export type Scope = z.infer<typeof Scope>;

/** The scope that a route needs; `everyone` for those that need no key. */
export type NeededScope = Exclude<Scope, "all"> | "everyone";

/** Whether these scopes include this one. */
export function grants(scopes: ReadonlySet<Scope>, needed: NeededScope): boolean {
  return needed === "everyone" || scopes.has("all") || scopes.has(needed);
}

/** The scopes among these words; others, such as OpenID Connect's `profile`, are ignored. */
export function scopesAmong(words: readonly string[]): Set<Scope> {
  return new Set(words.filter((word): word is Scope => (SCOPES as string[]).includes(word)));
}
