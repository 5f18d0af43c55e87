/**
 * Reads contracts and payments for clients.
 * @module
 */
import { contractAnswer } from "../../contracts/contract_answer.ts";
import { paymentAnswer } from "../../contracts/payment_answer.ts";
import type { ContractPage, ContractPart, Part, PaymentKey } from "../pages.ts";
import { contractOf, paymentOf } from "./contract_doc.ts";
import type { Database } from "./database.ts";
import { PartText, WINDOW_ROWS } from "./part.ts";

/** The reads of contracts and payments. */
export const contractReads = {
  /** Contracts of one index, newest first. With both filters the status chooses among the party's. */
  contracts(database: Database, page: ContractPage): ContractPart {
    const { limit, status, phoneNumber, after = Number.MAX_SAFE_INTEGER } = page;
    const part = new PartText<number>(limit, ",");
    let { offset } = page;
    const rows = Math.max(offset + limit + 1, WINDOW_ROWS);
    const numbers = numbersOf(database, page, rows);
    let seen = after;
    for (const number of numbers) {
      if (part.isOver) break;
      seen = number;
      if (status !== undefined && phoneNumber !== undefined) {
        const row = database.get("SELECT status FROM contracts WHERE number = ?", number);
        if (row?.["status"] !== status) continue;
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
    return { ...done, offset, total: total(database, page) };
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

function numbersOf(
  database: Database,
  { phoneNumber, status, after = Number.MAX_SAFE_INTEGER }: ContractPage,
  rows: number,
): number[] {
  const [table, condition, values] = phoneNumber !== undefined
    ? ["parties", "phone_number = ? AND", [phoneNumber]]
    : status !== undefined
    ? ["contracts", "status = ? AND", [status]]
    : ["contracts", "", []];
  return database.all(
    `SELECT number FROM ${table} WHERE ${condition} number < ? ORDER BY number DESC LIMIT ?`,
    ...values,
    after,
    rows,
  ).map((row) => Number(row["number"]));
}

/** The number of matching contracts, which each write of a contract keeps up to date. */
function total(database: Database, { phoneNumber = "", status }: ContractPage): number {
  const row = status === undefined
    ? database.get(
      "SELECT SUM(contracts) AS total FROM contract_totals WHERE phone_number = ?",
      phoneNumber,
    )
    : database.get(
      "SELECT contracts AS total FROM contract_totals WHERE phone_number = ? AND status = ?",
      phoneNumber,
      status,
    );
  return Number(row?.["total"] ?? 0);
}
