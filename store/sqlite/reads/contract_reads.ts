/**
 * Reads contracts and payments for clients.
 * @module
 */
import { contractAnswer } from "../../../contracts/contract_answer.ts";
import { paymentAnswer } from "../../../contracts/payment_answer.ts";
import type { ContractPage, ContractPart, Part, PaymentKey } from "../../pages.ts";
import { contractOf, paymentOf } from "../rows/contract_doc.ts";
import { type Database, Where } from "../database.ts";
import { PartText, WINDOW_ROWS } from "./part.ts";

/** The reads of contracts and payments. */
export const contractReads = {
  /** Contracts of one index, newest first; the other filters choose among them. */
  contracts(database: Database, page: ContractPage): ContractPart {
    const { limit, after = Number.MAX_SAFE_INTEGER } = page;
    const part = new PartText<number>(limit, ",");
    let { offset } = page;
    const rows = Math.max(offset + limit + 1, WINDOW_ROWS);
    const numbers = numbersOf(database, page, rows);
    const chosen = chosenBy(page);
    let seen = after;
    for (const number of numbers) {
      if (part.isOver) break;
      seen = number;
      if (chosen !== undefined) {
        const sql = `SELECT 1 FROM contracts ${chosen.sql} AND number = ?`;
        if (database.get(sql, ...chosen.values, number) === undefined) continue;
      }
      if (offset > 0) {
        offset--;
        continue;
      }
      const text = () => {
        const row = database.get("SELECT doc FROM contracts WHERE number = ?", number);
        return JSON.stringify(contractAnswer(contractOf(row!)));
      };
      part.add(number, text);
    }
    const done = part.done(seen, numbers.length < rows);
    return { ...done, offset, total: page.total ?? total(database, page) };
  },

  /** The payments of a contract, newest first. */
  payments(
    database: Database,
    { contractId, after, limit }: {
      readonly contractId: string;
      readonly after?: PaymentKey;
      readonly limit: number;
    },
  ): Part<PaymentKey> {
    const part = new PartText<PaymentKey>(limit, ",");
    const start = after ?? { createdAt: Number.MAX_SAFE_INTEGER, row: 0 };
    const rows = database.all(
      `SELECT created_at, rowid, doc FROM payments
       WHERE contract_id = ? AND (created_at, rowid) < (?, ?)
       ORDER BY created_at DESC, rowid DESC LIMIT ?`,
      contractId,
      start.createdAt,
      start.row,
      limit + 1,
    );
    for (const row of rows) {
      if (part.isOver) break;
      const key = { createdAt: Number(row["created_at"]), row: Number(row["rowid"]) };
      part.add(key, () => JSON.stringify(paymentAnswer(paymentOf(row))));
    }
    return part.done(start, true);
  },
};

/** The numbers of the next `rows` contracts that the narrowest filter finds in its index. */
function numbersOf(
  database: Database,
  { phoneNumber, clients, status, after = Number.MAX_SAFE_INTEGER }: ContractPage,
  rows: number,
): number[] {
  const read = (table: "parties" | "contracts", condition: string, ...values: string[]) =>
    database.all(
      `SELECT number FROM ${table} WHERE ${condition} number < ? ORDER BY number DESC LIMIT ?`,
      ...values,
      after,
      rows,
    ).map((row) => Number(row["number"]));
  if (phoneNumber !== undefined) return read("parties", "phone_number = ? AND", phoneNumber);
  if (clients !== undefined) {
    const found = clients.flatMap((client) => read("parties", "phone_number = ? AND", client));
    // A contract may have several of them.
    return [...new Set(found)].toSorted((one, other) => other - one).slice(0, rows);
  }
  return status === undefined ? read("contracts", "") : read("contracts", "status = ? AND", status);
}

/** What must hold of a contract besides the filter of the index; undefined for nothing. */
function chosenBy({ phoneNumber, clients, status }: ContractPage): Where | undefined {
  const where = new Where();
  // Two filters that have the same index are tried one by one.
  if (phoneNumber !== undefined || clients !== undefined) where.and("status = ?", status);
  if (phoneNumber !== undefined && clients !== undefined && !clients.includes(phoneNumber)) {
    where.and(
      `EXISTS (SELECT 1 FROM parties WHERE contract_id = contracts.id
         AND phone_number IN (SELECT value FROM json_each(?)))`,
      JSON.stringify(clients),
    );
  }
  return where.sql === "" ? undefined : where;
}

/** The number of matching contracts. */
function total(database: Database, page: ContractPage): number {
  const { phoneNumber, clients, status } = page;
  if (clients !== undefined && (phoneNumber === undefined || !clients.includes(phoneNumber))) {
    if (phoneNumber !== undefined || clients.length !== 1) return counted(database, page);
    return keptTotal(database, clients[0]!, status);
  }
  return keptTotal(database, phoneNumber ?? "", status);
}

/** The number that each write of a contract keeps up to date: of a party, or of all with "". */
function keptTotal(database: Database, phoneNumber: string, status: string | undefined): number {
  const { sql, values } = new Where().and("phone_number = ?", phoneNumber)
    .and("status = ?", status);
  const row = database.get(
    `SELECT SUM(contracts) AS total FROM contract_totals ${sql}`,
    ...values,
  );
  return Number(row?.["total"] ?? 0);
}

/** Counts the contracts of several clients, which may have some in common. */
function counted(
  database: Database,
  { phoneNumber, clients, status }: ContractPage,
): number {
  const { sql, values } = new Where()
    .and("parties.phone_number IN (SELECT value FROM json_each(?))", JSON.stringify(clients))
    .and("status = ?", status)
    .and(
      "EXISTS (SELECT 1 FROM parties WHERE contract_id = contracts.id AND phone_number = ?)",
      phoneNumber,
    );
  const row = database.get(
    `SELECT COUNT(DISTINCT contracts.id) AS total
     FROM parties JOIN contracts ON contracts.id = parties.contract_id ${sql}`,
    ...values,
  );
  return Number(row?.["total"] ?? 0);
}
