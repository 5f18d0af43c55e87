/**
 * By what the limits for each visitor count.
 * @module
 */
import { LOCAL } from "../access/holder.ts";
import type { Visit } from "./route.ts";

/** The visitor's key if it has one, and else its address: the same text is the same visitor. */
export function countedBy({ holder, address }: Pick<Visit, "holder" | "address">): string {
  return holder === undefined || holder.id === LOCAL.id ? `address ${address}` : `key ${holder.id}`;
}
