/**
 * Contracts and payments in SQLite.
 * @module
 */
import type { Contract } from "../../../contracts/contract.ts";
import type { Payment } from "../../../contracts/payment.ts";
import type { ContractStore, ContractWrite } from "../../../contracts/store.ts";
import { contractOf, paymentOf } from "../rows/contract_doc.ts";
import type { Database } from "../database.ts";
import type { Writer } from "../writer.ts";

/** Reads over its own connection and writes through the one writer. */
export class ContractTable implements ContractStore {
  readonly #reader: Database;
  readonly #writer: Writer;

  constructor(reader: Database, writer: Writer) {
    this.#reader = reader;
    this.#writer = writer;
  }

  contract(id: string): Promise<Contract | undefined> {
    return this.#contract("SELECT doc FROM contracts WHERE id = ?", id);
  }

  contractByOperation(operation: string): Promise<Contract | undefined> {
    return this.#contract("SELECT doc FROM contracts WHERE operation = ?", operation);
  }

  overdue(at: Date): Promise<readonly string[]> {
    const rows = this.#reader.all(
      "SELECT id FROM contracts WHERE status = 'pending' AND expires_at <= ?",
      at.getTime(),
    );
    return Promise.resolve(rows.map((row) => String(row["id"])));
  }

  payment(id: string): Promise<Payment | undefined> {
    return this.#payment("SELECT doc FROM payments WHERE id = ?", id);
  }

  paymentByOperation(operation: string): Promise<Payment | undefined> {
    return this.#payment("SELECT doc FROM payments WHERE operation = ?", operation);
  }

  paymentByTransaction(transactionId: string): Promise<Payment | undefined> {
    return this.#payment("SELECT doc FROM payments WHERE transaction_id = ?", transactionId);
  }

  paymentsOf(contractId: string): Promise<readonly Payment[]> {
    const rows = this.#reader.all(
      "SELECT doc FROM payments WHERE contract_id = ? ORDER BY created_at DESC, rowid DESC",
      contractId,
    );
    return Promise.resolve(rows.map((row) => paymentOf(row)));
  }

  async write(write: ContractWrite): Promise<readonly number[]> {
    // A write may wait for the batch before it; the caller's objects may change meanwhile.
    return await this.#writer.write("writeContract", structuredClone(write));
  }

  #contract(sql: string, value: string): Promise<Contract | undefined> {
    const row = this.#reader.get(sql, value);
    return Promise.resolve(row === undefined ? undefined : contractOf(row));
  }

  #payment(sql: string, value: string): Promise<Payment | undefined> {
    const row = this.#reader.get(sql, value);
    return Promise.resolve(row === undefined ? undefined : paymentOf(row));
  }
}
