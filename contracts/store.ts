/**
 * What contracts and payments need from a store.
 * @module
 */
import type { Contract } from "./contract.ts";
import type { ContractEvent } from "./contract_event.ts";
import type { Payment } from "./payment.ts";

/** One audited action: who did what, when, and what it changed. */
export interface AuditFact {
  readonly at: Date;
  /** A party's phone number, `provider`, `clock`, or what the caller said. */
  readonly actor: string;
  /** In the past tense: `contract_created`, `payment_settled`. */
  readonly action: string;
  readonly before: Contract | Payment | null;
  readonly after: Contract | Payment;
}

/** An event with its audience: every client, or only the contract's parties. */
export type AddressedEvent = ContractEvent & { readonly toEveryone: boolean };

/** A contract and those of its payments that changed, in their new state, and why. */
export interface ContractWrite {
  readonly contract: Contract;
  readonly payments: readonly Payment[];
  readonly audit: readonly AuditFact[];
  /** Its events, in the order in which they happened. */
  readonly events: readonly AddressedEvent[];
  /** Names the request that created the contract or payment, so a repetition creates none. */
  readonly operation?: string;
}

/** Stores contracts. The caller owns what it returns: changing it changes nothing stored. */
export interface ContractStore {
  /** A contract by its id. */
  contract(id: string): Promise<Contract | undefined>;
  /** The ids of pending contracts with `expiresAt` at or before this. */
  overdue(at: Date): Promise<readonly string[]>;
  /** A payment by its id. */
  payment(id: string): Promise<Payment | undefined>;
  /** A payment by the provider's transaction id. */
  paymentByTransaction(transactionId: string): Promise<Payment | undefined>;
  /** The payments of a contract, newest first. */
  paymentsOf(contractId: string): Promise<readonly Payment[]>;
  /** The contract that an operation created. */
  contractByOperation(operation: string): Promise<Contract | undefined>;
  /** The payment that an operation created. */
  paymentByOperation(operation: string): Promise<Payment | undefined>;
  /** Writes all of it or nothing; resolves when it is durable, with the ids of the events. */
  write(write: ContractWrite): Promise<readonly number[]>;
}
