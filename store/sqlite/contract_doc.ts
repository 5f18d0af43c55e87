/**
 * Contracts and payments as JSON: times are ISO 8601.
 * @module
 */
import type { Contract } from "../../contracts/contract.ts";
import type { Payment } from "../../contracts/payment.ts";

/** Reads a contract from its JSON text. */
export function contractFromJson(json: string): Contract {
  const doc = JSON.parse(json);
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

/** Reads a payment from its JSON text. */
export function paymentFromJson(json: string): Payment {
  const doc = JSON.parse(json);
  return { ...doc, createdAt: new Date(doc.createdAt), changedAt: new Date(doc.changedAt) };
}
