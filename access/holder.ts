/**
 * Who has come: the holder of a key or token, and what it is for.
 * @module
 */
import type { Bounds } from "./bounds.ts";
import { grants, type NeededScope, type Scope } from "./scopes.ts";

/** The holder of an accepted key or token. */
export interface Holder {
  /** The same for each visit; it is no secret, and names the holder in limits and in records. */
  readonly id: string;
  /** Who has issued the token, whose `sub` the id is made of; missing for keys. */
  readonly issuer?: string;
  /** For people, such as `crm`. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** What the key is bound to; undefined sees everything. */
  readonly bounds: Bounds | undefined;
  /** Null never expires. */
  readonly expiresAt: Date | null;
}

/** The beginning of the ids of holders of tokens; the rest is made of the token's `sub`. */
export const TOKEN_ID = "jwt:";

/** Whether this is the id of a holder of a token. */
export function isTokenId(id: string): boolean {
  return id.startsWith(TOKEN_ID);
}

/**
 * Who the holder is and what it may do, as one text. Tokens of one subject may differ in what they
 * allow, so its id alone does not say what one of them may have made, or may read again.
 */
export function grantOf({ id, issuer = "", scopes, bounds }: Holder): string {
  const within = bounds && [bounds.clients.toSorted(), bounds.numbers.toSorted()];
  return JSON.stringify([id, issuer, [...scopes].sort(), within ?? null]);
}

/** Everybody on a server on loopback without keys. */
export const LOCAL: Holder = {
  id: "local",
  name: "this machine",
  scopes: new Set(["all"]),
  bounds: undefined,
  expiresAt: null,
};

/** Whether the holder may use what needs this scope. */
export function mayUse(holder: Holder | undefined, needed: NeededScope): boolean {
  return needed === "everyone" || holder !== undefined && grants(holder.scopes, needed);
}

/**
 * Names the holder in records and in the audit: `key:3Fq0ZpX8aB crm`, `jwt:ann Ann K.`. `as` is who it speaks for, such
 * as a user of its own. Where no key is known there is only that.
 */
export function actorOf(holder: Holder | undefined, as?: string): string {
  if (holder === undefined || holder.id === LOCAL.id) return as ?? LOCAL.id;
  const { id, name } = holder;
  const key = `${isTokenId(id) ? id : `key:${id}`} ${name}`;
  return as === undefined ? key : `${key}, ${as}`;
}
