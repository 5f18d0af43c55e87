/**
 * Contracts and payments as rows.
 * @module
 */
import type { Contract } from "../../../contracts/contract.ts";
import type { Payment } from "../../../contracts/payment.ts";
import type { Row } from "../database.ts";

/** Reads a contract from its row. */
export function contractOf(row: Row): Contract {
  const doc = JSON.parse(String(row["doc"]));
  return {
    ...doc,
    createdAt: new Date(doc.createdAt),
    expiresAt: new Date(doc.expiresAt),
    confirmedAt: doc.confirmedAt === null ? null : new Date(doc.confirmedAt),
    signatures: doc.signatures.map((signature: { signedAt: string }) => ({
      ...signature,
      signedAt: new Date(signature.signedAt),
    })),
  };
}

/** Reads a payment from its row. */
export function paymentOf(row: Row): Payment {
  const doc = JSON.parse(String(row["doc"]));
  return { ...doc, createdAt: new Date(doc.createdAt), changedAt: new Date(doc.changedAt) };
}
