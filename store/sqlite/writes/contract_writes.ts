/**
 * Writes contracts and payments with their audit entries and events, all at once.
 * @module
 */
import type { Contract } from "../../../contracts/contract.ts";
import type { Payment } from "../../../contracts/payment.ts";
import type { AddressedEvent, AuditFact, ContractWrite } from "../../../contracts/store.ts";
import { e164OrText } from "../../../phone/number.ts";
import { appendAudit } from "./audit.ts";
import type { Database } from "../database.ts";

/** The writes of contracts. */
export const contractWrites = {
  /** Writes all of it or nothing, and returns the ids of the events. */
  writeContract(database: Database, write: ContractWrite): number[] {
    const { contract, payments, audit, events, operation = null } = write;
    writeContract(database, contract, operation);
    for (const payment of payments) writePayment(database, payment, operation);
    for (const fact of audit) writeAudit(database, fact);
    return events.map((event) => writeEvent(database, event));
  },
};

function writeContract(database: Database, contract: Contract, operation: string | null): void {
  const { id, status, createdAt, expiresAt } = contract;
  const before = database.get("SELECT status FROM contracts WHERE id = ?", id)?.["status"];
  database.run(
    `INSERT INTO contracts (id, status, created_at, expires_at, operation, doc, number)
     VALUES (?, ?, ?, ?, ?, ?, (SELECT COALESCE(MAX(number), 0) + 1 FROM contracts))
     ON CONFLICT (id) DO UPDATE SET status = excluded.status, expires_at = excluded.expires_at,
       doc = excluded.doc`,
    id,
    status,
    createdAt.getTime(),
    expiresAt.getTime(),
    operation,
    JSON.stringify(contract),
  );
  const parties = partiesOf(contract);
  if (before === undefined) {
    for (const party of parties) {
      database.run(
        `INSERT INTO parties (phone_number, contract_id, number)
         VALUES (?, ?, (SELECT number FROM contracts WHERE id = ?))`,
        party,
        id,
        id,
      );
    }
  }
  if (before === status) return;
  for (const party of ["", ...parties]) {
    if (typeof before === "string") countContract(database, party, before, -1);
    countContract(database, party, status, 1);
  }
}

function partiesOf({ parties }: Contract): string[] {
  return [...new Set(parties.map(({ phoneNumber }) => e164OrText(phoneNumber)))];
}

/** Keeps the total of a party's contracts in a status; without a party, of all contracts. */
function countContract(database: Database, party: string, status: string, change: 1 | -1): void {
  database.run(
    `INSERT INTO contract_totals VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET contracts = contracts + excluded.contracts`,
    party,
    status,
    change,
  );
}

function writePayment(database: Database, payment: Payment, operation: string | null): void {
  const { id, contractId, transactionId, createdAt } = payment;
  database.run(
    `INSERT INTO payments (id, contract_id, transaction_id, created_at, operation, doc)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET transaction_id = excluded.transaction_id, doc = excluded.doc`,
    id,
    contractId,
    transactionId,
    createdAt.getTime(),
    operation,
    JSON.stringify(payment),
  );
}

function writeAudit(database: Database, { at, actor, action, before, after }: AuditFact): void {
  appendAudit(database, {
    at: at.getTime(),
    actor,
    action,
    subject: `${"amountMinorUnits" in after ? "payment" : "contract"} ${after.id}`,
    before: before === null ? null : JSON.stringify(before),
    after: JSON.stringify(after),
  });
}

function writeEvent(database: Database, event: AddressedEvent): number {
  const { contract, toEveryone } = event;
  const { lastId } = database.run(
    `INSERT INTO events (at, type, actor, contract_id, to_everyone, data)
     VALUES (?, ?, ?, ?, ?, ?)`,
    event.at.getTime(),
    event.kind,
    event.actor,
    contract.id,
    toEveryone ? 1 : 0,
    JSON.stringify(dataOf(event)),
  );
  for (const party of toEveryone ? [] : partiesOf(contract)) {
    database.run("INSERT INTO audience VALUES (?, ?)", party, lastId);
  }
  return lastId;
}

/** What a reader of the log needs to tell the event again. */
function dataOf(event: AddressedEvent): Record<string, unknown> {
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
