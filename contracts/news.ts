/**
 * What is told of contracts and payments: kept with what changed, and told from there.
 * @module
 */
import type { Contract } from "./contract.ts";
import type { Mismatch, Payment } from "./payment.ts";

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
    /** A provider means other money than the payment's, which stays as it is. */
    | { readonly kind: "payment_mismatch"; readonly payment: Payment; readonly said: Mismatch }
  );
