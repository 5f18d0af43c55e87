/**
 * The holder of a key or token, and its scopes.
 * @module
 */
import type { Bounds } from "./bounds.ts";
import { grants, type NeededScope, type Scope } from "./scopes.ts";

/** The holder of an accepted key or token. */
export interface Holder {
  /** The same at each visit; not secret. It identifies the holder in limits and in records. */
  readonly id: string;
  /** The issuer of the token, whose `sub` the id is derived from; missing for keys. */
  readonly issuer?: string;
  /** For people, such as `crm`. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The bounds of the key; undefined sees everything. */
  readonly bounds: Bounds | undefined;
  /** Null never expires. */
  readonly expiresAt: Date | null;
}

/** Prefix of the ids of token holders; the rest is derived from the token's `sub`. */
export const TOKEN_ID = "jwt:";

/** Whether this is the id of a holder of a token. */
export function isTokenId(id: string): boolean {
  return id.startsWith(TOKEN_ID);
}

/**
 * The identity and the rights of a holder, as one text. Tokens of one subject may differ in their rights,
 * so the id alone does not show what one of them may have created, or may read again.
 */
export function grantOf({ id, issuer = "", scopes, bounds }: Holder): string {
  const within = bounds && [bounds.clients.toSorted(), bounds.numbers.toSorted()];
  return JSON.stringify([id, issuer, [...scopes].sort(), within ?? null]);
}

/** Everybody on a loopback server without keys. */
export const LOCAL: Holder = {
  id: "local",
  name: "this machine",
  scopes: new Set(["all"]),
  bounds: undefined,
  expiresAt: null,
};

/** Whether the holder has this scope. */
export function mayUse(holder: Holder | undefined, needed: NeededScope): boolean {
  return needed === "everyone" || holder !== undefined && grants(holder.scopes, needed);
}

/**
 * Names the holder in records and in the audit trail: `key:3Fq0ZpX8aB crm`, `jwt:ann Ann K.`. `as` is whom it acts
 * for, such as one of its users. Without a known key the name is only that.
 */
export function actorOf(holder: Holder | undefined, as?: string): string {
  if (holder === undefined || holder.id === LOCAL.id) return as ?? LOCAL.id;
  const { id, name } = holder;
  const key = `${isTokenId(id) ? id : `key:${id}`} ${name}`;
  return as === undefined ? key : `${key}, ${as}`;
}
