/**
 * Contracts and payments for a call's app. Each action adds a note to the call's record.
 * @module
 */
import { z } from "zod";
import type { Call, CallContracts } from "../calls/app.ts";
import type { Contracts } from "../contracts/contracts.ts";

/** The contracts for the app of one call; the audit names `actor`. */
export function contractsOf(
  call: Pick<Call, "id" | "note">,
  contracts: Contracts,
  actor: string,
): CallContracts {
  let done = 0;
  // After a restart the same app does the same things in the same order.
  const operation = () => `call ${call.id} ${++done}`;
  return {
    async create(request) {
      const contract = await readable(
        "open a contract",
        contracts.create(request, actor, operation()),
      );
      call.note("contract opened", { contract_id: contract.id });
      return contract;
    },
    async change(id, request) {
      const contract = await readable(
        `change contract ${id}`,
        contracts.change(id, request, actor),
      );
      call.note("contract changed", { contract_id: id, status: contract.status });
      return contract;
    },
    async confirm(id, phoneNumber) {
      const contract = await contracts.confirm(id, phoneNumber);
      call.note("contract confirmed", { contract_id: id, status: contract.status });
      return contract;
    },
    async pay(request) {
      const payment = await readable(
        "record a payment",
        contracts.checkout(request, actor, operation()),
      );
      call.note("payment recorded", { contract_id: payment.contractId, payment_id: payment.id });
      return payment;
    },
  };
}

/** Turns the parser's error, a page of JSON, into one line. */
async function readable<Result>(action: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const faults = error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new TypeError(`Cannot ${action}: ${faults.join("; ")}`, { cause: error });
  }
}
