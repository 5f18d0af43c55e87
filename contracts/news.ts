/**
 * What is told of contracts and payments: kept with what changed, and told from there.
 * @module
 */
import type { Contract } from "./contract.ts";
import type { Payment } from "./payment.ts";

/** A contract's status has changed, or a payment has been recorded or has changed its status. */
export type ContractNews =
  & {
    readonly at: Date;
    readonly actor: string;
    /** The contract as it stood then. */
    readonly contract: Contract;
  }
  & (
    | { readonly kind: "contract_changed" }
    | { readonly kind: "payment_changed"; readonly payment: Payment }
  );
