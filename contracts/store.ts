/**
 * Where contracts and payments are kept.
 * @module
 */
import type { Contract, ContractStatus } from "./contract.ts";
import type { ContractEvent } from "./contract_event.ts";
import type { Payment } from "./payment.ts";

/** One thing that was done: who did what, when, and what it changed. */
export interface AuditFact {
  readonly at: Date;
  /** A party's phone number, `provider`, `clock`, or what the caller said. */
  readonly actor: string;
  /** In the past tense: `contract_created`, `payment_settled`. */
  readonly action: string;
  readonly before: Contract | Payment | null;
  readonly after: Contract | Payment;
}

/** News, and whether every client is told or only the contract's parties. */
export type AddressedNews = ContractEvent & { readonly toEveryone: boolean };

/** A contract and those of its payments that changed, as they are from now on, and why. */
export interface ContractWrite {
  readonly contract: Contract;
  readonly payments: readonly Payment[];
  readonly audit: readonly AuditFact[];
  /** What is told of it, in the order in which it happened. */
  readonly news: readonly AddressedNews[];
  /** Names what made the contract, or the payment, so that it is not made twice. */
  readonly operation?: string;
}

/** Which contracts are asked for; newest first. */
export interface ContractQuery {
  readonly limit: number;
  readonly offset: number;
  readonly status?: ContractStatus;
  /** One of the parties': in E.164 for the store, as people write it for `Contracts`. */
  readonly phoneNumber?: string;
}

/** Keeps contracts. What it returns is the caller's own: changing it changes nothing stored. */
export interface ContractStore {
  /** A contract by its id. */
  contract(id: string): Promise<Contract | undefined>;
  /** One page of contracts, newest first, and how many there are in all. */
  contracts(query: ContractQuery): Promise<{ contracts: readonly Contract[]; total: number }>;
  /** The ids of pending contracts with `expiresAt` at or before this. */
  overdue(at: Date): Promise<readonly string[]>;
  /** A payment by its id. */
  payment(id: string): Promise<Payment | undefined>;
  /** A payment by the provider's name for it. */
  paymentByTransaction(transactionId: string): Promise<Payment | undefined>;
  /** The payments of a contract, newest first. */
  paymentsOf(contractId: string): Promise<readonly Payment[]>;
  /** The contract that an operation has made. */
  contractByOperation(operation: string): Promise<Contract | undefined>;
  /** The payment that an operation has made. */
  paymentByOperation(operation: string): Promise<Payment | undefined>;
  /** Writes all of it or nothing; resolves when it is durable, with the ids of the news' events. */
  write(write: ContractWrite): Promise<readonly number[]>;
}
