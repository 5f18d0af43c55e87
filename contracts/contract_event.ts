/**
 * Events of contracts and payments. They are stored together with the change.
 * @module
 */
import type { Contract } from "./contract.ts";
import type { Mismatch, Payment } from "./payment.ts";

/**
 * An event of a contract: it is new, a party signed it, its terms or status changed, or a payment for
 * it was recorded or changed its status.
 */
export type ContractEvent =
  & {
    readonly at: Date;
    readonly actor: string;
    /** The contract after the event. */
    readonly contract: Contract;
  }
  & (
    | { readonly kind: "contract_created" }
    /** `signedBy` is the party's phone number, in E.164. */
    | { readonly kind: "contract_signed"; readonly signedBy: string }
    | { readonly kind: "terms_changed" }
    | { readonly kind: "contract_changed" }
    | { readonly kind: "payment_changed"; readonly payment: Payment }
    /** A provider means other money than the payment's, which stays unchanged. */
    | { readonly kind: "payment_mismatch"; readonly payment: Payment; readonly said: Mismatch }
  );
