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
  /** For people, such as `crm`. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The bounds of the key; undefined sees everything. */
  readonly bounds: Bounds | undefined;
  /** Null never expires. */
  readonly expiresAt: Date | null;
}

/** Prefix of the ids of token holders; the rest is the token's `sub`. */
export const TOKEN_ID = "jwt:";

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
  const key = `${id.startsWith(TOKEN_ID) ? id : `key:${id}`} ${name}`;
  return as === undefined ? key : `${key}, ${as}`;
}
