/**
 * Writes contracts and payments with their audit entries and events, all at once.
 * @module
 */
import { appendAudit, type AuditInput } from "./audit.ts";
import type { Database } from "./database.ts";

/** A contract as the writer takes it. */
export interface ContractInput {
  readonly id: string;
  readonly status: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly phoneNumbers: readonly string[];
  readonly operation: string | null;
  readonly doc: string;
}

/** A payment as the writer takes it. */
export interface PaymentInput {
  readonly id: string;
  readonly contractId: string;
  readonly transactionId: string | null;
  readonly createdAt: number;
  readonly operation: string | null;
  readonly doc: string;
}

/** An event of a contract as the writer takes it. */
export interface ContractEventInput {
  readonly at: number;
  readonly type: string;
  readonly actor: string;
  readonly contractId: string;
  readonly toEveryone: boolean;
  readonly data: string;
}

/** The writes of contracts. */
export const contractWrites = {
  /** Writes all of it or nothing. Returns the ids of the events. */
  writeContract(
    database: Database,
    input: {
      contract: ContractInput;
      payments: readonly PaymentInput[];
      audit: readonly AuditInput[];
      events: readonly ContractEventInput[];
    },
  ): number[] {
    persistContract(database, input.contract);
    for (const payment of input.payments) persistPayment(database, payment);
    for (const entry of input.audit) appendAudit(database, entry);
    return input.events.map((event) => appendContractEvent(database, event));
  },
};

function persistContract(database: Database, contract: ContractInput): void {
  const { id, status, createdAt, expiresAt, operation, doc, phoneNumbers } = contract;
  database.run(
    `INSERT INTO contracts (id, status, created_at, expires_at, operation, doc)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET status = excluded.status, expires_at = excluded.expires_at,
       doc = excluded.doc`,
    id,
    status,
    createdAt,
    expiresAt,
    operation,
    doc,
  );
  for (const phoneNumber of phoneNumbers) {
    database.run("INSERT OR IGNORE INTO parties VALUES (?, ?)", phoneNumber, id);
  }
}

function persistPayment(database: Database, payment: PaymentInput): void {
  const { id, contractId, transactionId, createdAt, operation, doc } = payment;
  database.run(
    `INSERT INTO payments (id, contract_id, transaction_id, created_at, operation, doc)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET transaction_id = excluded.transaction_id, doc = excluded.doc`,
    id,
    contractId,
    transactionId,
    createdAt,
    operation,
    doc,
  );
}

function appendContractEvent(database: Database, event: ContractEventInput): number {
  return database.run(
    `INSERT INTO events (at, type, actor, contract_id, to_everyone, data)
     VALUES (?, ?, ?, ?, ?, ?)`,
    event.at,
    event.type,
    event.actor,
    event.contractId,
    event.toEveryone ? 1 : 0,
    event.data,
  ).lastId;
}
