/**
 * What is told of contracts and payments: kept with what changed, and told from there.
 * @module
 */
import type { Contract } from "./contract.ts";
import type { Mismatch, Payment } from "./payment.ts";

/**
 * What has happened to a contract: it is new, a party has signed it, its terms or its status have
 * changed, or a payment for it has been recorded or has changed its status.
 */
export type ContractEvent =
  & {
    readonly at: Date;
    readonly actor: string;
    /** The contract as it stood then. */
    readonly contract: Contract;
  }
  & (
    | { readonly kind: "contract_created" }
    /** `signedBy` is the party's phone number, in E.164. */
    | { readonly kind: "contract_signed"; readonly signedBy: string }
    | { readonly kind: "terms_changed" }
    | { readonly kind: "contract_changed" }
    | { readonly kind: "payment_changed"; readonly payment: Payment }
    /** A provider means other money than the payment's, which stays as it is. */
    | { readonly kind: "payment_mismatch"; readonly payment: Payment; readonly said: Mismatch }
  );
