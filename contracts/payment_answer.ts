/**
 * A payment as clients get it.
 * @module
 */
import type { z } from "zod";
import { toMajorUnits } from "./money.ts";
import type { Payment } from "./payment.ts";
import type { PaymentAnswer } from "./schemas.ts";

/** A payment in the words of REST. */
export function paymentAnswer(payment: Payment): z.input<typeof PaymentAnswer> {
  return {
    payment_id: payment.id,
    contract_id: payment.contractId,
    transaction_id: payment.transactionId,
    status: payment.status,
    amount: toMajorUnits(payment.amountMinorUnits, payment.currency),
    currency: payment.currency,
    phone_number: payment.phoneNumber,
    payment_type: payment.type,
    created_at: payment.createdAt.toISOString(),
  };
}
