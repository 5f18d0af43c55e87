/**
 * Ids that people can read out on the phone.
 * @module
 */
import { randomBytes } from "node:crypto";
import type { ContractType } from "./agreement.ts";

const PREFIXES: Readonly<Record<ContractType, string>> = {
  agricultural_supply: "AG",
  service_agreement: "SV",
  goods_purchase: "GP",
  logistics: "LG",
  other: "OT",
};

/** Draws a contract's id, such as `AG-261121-3FA9C1`: type, date in UTC, random. It may be taken. */
export function contractId(type: ContractType, at: Date): string {
  return id(PREFIXES[type], at);
}

/** Draws a payment's id, such as `PY-261121-3FA9C1`. It may be taken. */
export function paymentId(at: Date): string {
  return id("PY", at);
}

function id(prefix: string, at: Date): string {
  const date = at.toISOString().slice(2, 10).replaceAll("-", "");
  return `${prefix}-${date}-${randomBytes(3).toString("hex").toUpperCase()}`;
}
