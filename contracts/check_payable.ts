/**
 * Checks whether a contract can be paid.
 * @module
 */
import type { Contract, ContractStatus } from "./contract.ts";
import { InvalidValue, StateConflict } from "./errors.ts";
import { type Amount, amountFault } from "./money.ts";

/** Statuses in which a contract can be paid. */
const PAYABLE: ReadonlySet<ContractStatus> = new Set(["pending", "confirmed", "active"]);

/**
 * Checks a checkout against its contract.
 * @throws {StateConflict} for a contract that cannot be paid now, or another currency
 * @throws {InvalidValue} for an amount with more decimals than the currency has
 */
export function checkPayable(contract: Contract, amount: Amount, currency: string): void {
  const refuse = (why: string) =>
    new StateConflict(
      `Cannot check out ${amount} ${currency} for contract ${contract.id}: ${why}`,
    );
  if (!PAYABLE.has(contract.status)) throw refuse(`it is ${contract.status}`);
  if (currency !== contract.currency) throw refuse(`its currency is ${contract.currency}`);
  const fault = amountFault(amount, currency);
  if (fault !== undefined) throw new InvalidValue({ field: "amount", message: fault });
}
