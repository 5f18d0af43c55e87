/**
 * What the book tells the rest of the server, after it has been stored.
 * @module
 */
import type { Contract } from "./contract.ts";
import type { Payment } from "./payment.ts";

/** The topic of the bus on which the news is told. */
export const CONTRACTS_TOPIC = "contracts";

/** A contract's status has changed, or a payment has been recorded or has changed its status. */
export type ContractNews =
  | { readonly kind: "contract_changed"; readonly contract: Contract; readonly at: Date }
  | {
    readonly kind: "payment_changed";
    readonly payment: Payment;
    /** The payment's contract as it stood then. */
    readonly contract: Contract;
    readonly at: Date;
  };
