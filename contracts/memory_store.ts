/**
 * Contracts in memory: for tests, and until a database is set.
 * @module
 */
import type { Contract } from "./contract.ts";
import { isOverdue } from "./contract.ts";
import type { Payment } from "./payment.ts";
import type { AuditFact, ContractQuery, ContractStore, ContractWrite } from "./store.ts";

/** Keeps everything until the process ends. It takes and gives copies. */
export class MemoryContractStore implements ContractStore {
  readonly #contracts = new Map<string, Contract>();
  readonly #payments = new Map<string, Payment>();
  readonly #byTransaction = new Map<string, string>();
  readonly #audit: AuditFact[] = [];

  /** Everything that was done, oldest first. */
  get audit(): readonly AuditFact[] {
    return structuredClone(this.#audit);
  }

  contract(id: string): Promise<Contract | undefined> {
    return copy(this.#contracts.get(id));
  }

  contracts(
    { limit, offset, status, phoneNumber }: ContractQuery,
  ): Promise<{ contracts: readonly Contract[]; total: number }> {
    const found = [...this.#contracts.values()].reverse().filter((contract) =>
      (status === undefined || contract.status === status) &&
      (phoneNumber === undefined ||
        contract.parties.some((party) => party.phoneNumber === phoneNumber))
    );
    return copy({ contracts: found.slice(offset, offset + limit), total: found.length });
  }

  overdue(at: Date): Promise<readonly string[]> {
    const late = [...this.#contracts.values()].filter((contract) => isOverdue(contract, at));
    return Promise.resolve(late.map(({ id }) => id));
  }

  payment(id: string): Promise<Payment | undefined> {
    return copy(this.#payments.get(id));
  }

  paymentByTransaction(transactionId: string): Promise<Payment | undefined> {
    return copy(this.#payments.get(this.#byTransaction.get(transactionId) ?? ""));
  }

  paymentsOf(contractId: string): Promise<readonly Payment[]> {
    const all = [...this.#payments.values()].reverse();
    return copy(all.filter((payment) => payment.contractId === contractId));
  }

  write(write: ContractWrite): Promise<void> {
    const { contract, payments, audit } = structuredClone(write);
    this.#contracts.set(contract.id, contract);
    for (const payment of payments) {
      this.#payments.set(payment.id, payment);
      if (payment.transactionId !== null) {
        this.#byTransaction.set(payment.transactionId, payment.id);
      }
    }
    this.#audit.push(...audit);
    return Promise.resolve();
  }
}

function copy<Kept>(kept: Kept): Promise<Kept> {
  return Promise.resolve(structuredClone(kept));
}
