/**
 * Contracts, payments and the audit trail: every answer is true, and was executed once.
 * @module
 */
import { createHash } from "node:crypto";
import { equal } from "@std/assert";
import type { DealLog, Json, Logs, RequestLog } from "./logs.ts";
import type { AuditRow, DatabaseRecord, RecordedDeal } from "./record.ts";

const CONFLICT = 409;

/** The faults of contracts, payments and their audit. */
export function* dealFaults(logs: Logs, record: DatabaseRecord): Generator<string> {
  const contracts = Map.groupBy(record.contracts, ({ doc }) => productOf(doc));
  const payments = Map.groupBy(record.payments, ({ doc }) => String(doc["contractId"]));
  for (const log of logs.deals) {
    const made = contracts.get(log.product) ?? [];
    const paid = made.flatMap(({ id }) => payments.get(id) ?? []);
    for (const fault of contractFaults(log, made)) yield `${log.product}: ${fault}`;
    for (const fault of paymentFaults(log, paid)) yield `${log.product}: ${fault}`;
    for (const request of log.requests) {
      for (const fault of answerFaults(request)) yield `${log.product}: ${fault}`;
    }
    contracts.delete(log.product);
  }
  for (const { text, requests } of logs.segments) {
    for (const request of requests) {
      // The call may be over by then.
      for (const fault of answerFaults(request, CONFLICT)) yield `${text}: ${fault}`;
    }
  }
  for (const product of contracts.keys()) yield `${product}: is in the record, nobody made it`;
  for (const { id, doc } of record.contracts) {
    for (const fault of newsFaults(id, doc, record)) yield `${productOf(doc)}: ${fault}`;
  }
  yield* auditFaults(record);
}

/**
 * Each contract has one event for its creation and one for each signature: no terms change here.
 */
function* newsFaults(contractId: string, doc: Json, { news }: DatabaseRecord): Generator<string> {
  const mine = news.filter((event) => event.contractId === contractId);
  const created = mine.filter(({ type }) => type === "contract_created").length;
  if (created !== 1) yield `was told to be new ${created} times`;
  const signed = mine.filter(({ type }) => type === "contract_signed")
    .map(({ data }) => String(data["signedBy"]));
  const signatures = (doc["signatures"] as { phoneNumber: string }[])
    .map(({ phoneNumber }) => phoneNumber);
  if (!equal(signed, signatures)) {
    yield `was told to be signed by ${signed.join()}, is by ${signatures.join()}`;
  }
}

function* contractFaults(log: DealLog, made: readonly RecordedDeal[]): Generator<string> {
  if (made.length > 1) yield `is in the record ${made.length} times`;
  if (log.contractId === null) return;
  const contract = made.find(({ id }) => id === log.contractId);
  if (contract === undefined) return yield `${log.contractId} was answered, not recorded`;
  const { doc } = contract;
  const signatures = (doc["signatures"] as { phoneNumber: string }[])
    .map(({ phoneNumber }) => phoneNumber);
  for (const phone of log.signed) {
    if (!signatures.includes(phone)) yield `the signature of ${phone} is not recorded`;
  }
  if (new Set(signatures).size !== signatures.length) yield "somebody has signed twice";
  if (log.completed && doc["status"] !== "completed") {
    yield `was answered to be completed, is ${doc["status"]}`;
  }
}

function* paymentFaults(log: DealLog, paid: readonly RecordedDeal[]): Generator<string> {
  if (paid.length > 1) yield `has ${paid.length} payments`;
  if (log.paymentId === null) return;
  const payment = paid.find(({ id }) => id === log.paymentId);
  if (payment === undefined) return yield `payment ${log.paymentId} was answered, not recorded`;
  const { doc } = payment;
  if (doc["amountMinorUnits"] !== Math.round(log.amount * 100)) {
    yield `paid is ${doc["amountMinorUnits"]}, not ${log.amount}`;
  }
  if (log.settled && (doc["status"] !== "locked" || doc["transactionId"] !== log.transactionId)) {
    yield `the answered payment is ${doc["status"]} by ${doc["transactionId"]}`;
  }
}

function* answerFaults(
  { what, key, answers }: RequestLog,
  allowed?: number,
): Generator<string> {
  for (const { status, body } of answers) {
    if (status >= 300 && status !== allowed) yield `${what} was answered ${status}: ${body}`;
  }
  const [first, ...rest] = answers;
  for (const again of rest) {
    if (!equal(first, again)) {
      yield `${what} under ${key} was answered ${again.status} ${again.body} ` +
        `after ${first?.status} ${first?.body}`;
    }
  }
}

function* auditFaults({ audit, contracts, payments }: DatabaseRecord): Generator<string> {
  let previousHash = "0".repeat(64);
  const last = new Map<string, string>();
  for (const [index, row] of audit.entries()) {
    if (row.id !== index + 1) return yield `audit entry ${index + 1} is missing`;
    if (row.previousHash !== previousHash) yield `audit entry ${row.id} is not chained`;
    if (row.hash !== hashOf(row)) yield `audit entry ${row.id} was changed`;
    previousHash = row.hash;
    last.set(row.subject, row.after);
  }
  for (const [kind, deals] of [["contract", contracts], ["payment", payments]] as const) {
    for (const { id, doc } of deals) {
      const after = last.get(`${kind} ${id}`);
      if (after === undefined) yield `${kind} ${id} has no audit entry`;
      else if (!equal(JSON.parse(after), doc)) yield `${kind} ${id} is not as its audit has it`;
    }
  }
}

function hashOf({ id, at, actor, action, subject, before, after, previousHash }: AuditRow): string {
  const content = JSON.stringify([id, at, actor, action, subject, before, after, previousHash]);
  return createHash("sha256").update(content).digest("hex");
}

function productOf(doc: Json): string {
  return String((doc["terms"] as Json)["product"]);
}
