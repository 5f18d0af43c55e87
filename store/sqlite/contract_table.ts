/**
 * Contracts and payments in SQLite.
 * @module
 */
import type { Contract } from "../../contracts/contract.ts";
import type { Payment } from "../../contracts/payment.ts";
import type {
  AddressedEvent,
  AuditFact,
  ContractQuery,
  ContractStore,
  ContractWrite,
} from "../../contracts/store.ts";
import { nameOf } from "../../phone/number.ts";
import type { AuditInput } from "./audit.ts";
import { contractFromJson, paymentFromJson } from "./contract_doc.ts";
import type { ContractEventInput, ContractInput, PaymentInput } from "./contract_writes.ts";
import type { Database, Row } from "./database.ts";
import type { Writer } from "./writer.ts";

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

  contracts(
    query: ContractQuery,
  ): Promise<{ contracts: readonly Contract[]; total: number }> {
    const { where, values } = conditions(query);
    const rows = this.#reader.all(
      `SELECT doc FROM contracts ${where} ORDER BY created_at DESC, rowid DESC LIMIT ? OFFSET ?`,
      ...values,
      query.limit,
      query.offset,
    );
    const count = this.#reader.get(`SELECT COUNT(*) AS total FROM contracts ${where}`, ...values);
    const contracts = rows.map((row) => contractFromJson(docOf(row)));
    return Promise.resolve({ contracts, total: Number(count?.["total"]) });
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
    return Promise.resolve(rows.map((row) => paymentFromJson(docOf(row))));
  }

  async write(write: ContractWrite): Promise<readonly number[]> {
    const operation = write.operation ?? null;
    return await this.#writer.write("writeContract", {
      contract: contractInput(write.contract, operation),
      payments: write.payments.map((payment) => paymentInput(payment, operation)),
      audit: write.audit.map(auditInput),
      events: write.events.map(eventInput),
    });
  }

  #contract(sql: string, value: string): Promise<Contract | undefined> {
    const row = this.#reader.get(sql, value);
    return Promise.resolve(row === undefined ? undefined : contractFromJson(docOf(row)));
  }

  #payment(sql: string, value: string): Promise<Payment | undefined> {
    const row = this.#reader.get(sql, value);
    return Promise.resolve(row === undefined ? undefined : paymentFromJson(docOf(row)));
  }
}

function conditions({ status, phoneNumber }: ContractQuery): { where: string; values: string[] } {
  const parts: string[] = [];
  const values: string[] = [];
  if (status !== undefined) {
    parts.push("status = ?");
    values.push(status);
  }
  if (phoneNumber !== undefined) {
    parts.push("id IN (SELECT contract_id FROM parties WHERE phone_number = ?)");
    values.push(phoneNumber);
  }
  return { where: parts.length === 0 ? "" : `WHERE ${parts.join(" AND ")}`, values };
}

function contractInput(contract: Contract, operation: string | null): ContractInput {
  const { id, status, createdAt, expiresAt, parties } = contract;
  return {
    id,
    status,
    createdAt: createdAt.getTime(),
    expiresAt: expiresAt.getTime(),
    phoneNumbers: parties.map(({ phoneNumber }) => nameOf(phoneNumber)),
    operation,
    doc: JSON.stringify(contract),
  };
}

function paymentInput(payment: Payment, operation: string | null): PaymentInput {
  const { id, contractId, transactionId, createdAt } = payment;
  const doc = JSON.stringify(payment);
  return { id, contractId, transactionId, createdAt: createdAt.getTime(), operation, doc };
}

function auditInput({ at, actor, action, before, after }: AuditFact): AuditInput {
  return {
    at: at.getTime(),
    actor,
    action,
    subject: `${"amountMinorUnits" in after ? "payment" : "contract"} ${after.id}`,
    before: before === null ? null : JSON.stringify(before),
    after: JSON.stringify(after),
  };
}

function eventInput(event: AddressedEvent): ContractEventInput {
  return {
    at: event.at.getTime(),
    type: event.kind,
    actor: event.actor,
    contractId: event.contract.id,
    toEveryone: event.toEveryone,
    data: JSON.stringify(eventData(event)),
  };
}

/** An event's data in the log: enough to tell a client about it again later. */
function eventData(event: AddressedEvent): Record<string, unknown> {
  const { contract } = event;
  const { status, type, hash, totalMinorUnits, currency, terms, expiresAt, signatures } = contract;
  const parties = contract.parties.map(({ phoneNumber }) => phoneNumber);
  switch (event.kind) {
    case "contract_created":
      return { status, type, hash, totalMinorUnits, currency, terms, expiresAt, parties };
    case "contract_signed":
      return { status, signedBy: event.signedBy, signed: signatures.length, hash, parties };
    case "terms_changed":
      return { status, hash, totalMinorUnits, currency, terms, parties };
    case "contract_changed":
      return { status, parties };
    case "payment_changed": {
      const { id: paymentId, status, amountMinorUnits, currency } = event.payment;
      return { paymentId, status, amountMinorUnits, currency, parties };
    }
    case "payment_mismatch": {
      const { id: paymentId, status, amountMinorUnits, currency } = event.payment;
      return { paymentId, status, amountMinorUnits, currency, said: event.said, parties };
    }
  }
}

function docOf(row: Row): string {
  return String(row["doc"]);
}
