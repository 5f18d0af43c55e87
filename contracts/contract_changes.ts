/**
 * Changes to one contract, to be written at once: what, why, and what is told of it afterwards.
 * @module
 */
import type { Contract } from "./contract.ts";
import type { ContractEvent } from "./contract_event.ts";
import { type Mismatch, noteMismatch, type Payment } from "./payment.ts";
import type { AuditFact, ContractWrite } from "./store.ts";

/** News before it is said which contract it is about, when it happened and who did it. */
type Untold = ContractEvent extends infer News
  ? News extends ContractEvent ? Omit<News, "contract" | "at" | "actor">
  : never
  : never;

/** Gathers changes to one contract and its payments, with what is told of it, to be written at once. */
export class ContractChanges {
  readonly at: Date;
  readonly #actor: string;
  readonly #payments = new Map<string, Payment>();
  readonly #audit: AuditFact[] = [];
  readonly #news: ContractEvent[] = [];
  #contract: Contract;

  /** `actor` is who did all of it; `at` is when. */
  constructor(contract: Contract, actor: string, at: Date) {
    this.#contract = contract;
    this.#actor = actor;
    this.at = at;
  }

  /** The contract with every change so far. */
  get contract(): Contract {
    return this.#contract;
  }

  /**
   * What to store; undefined when nothing has changed.
   * @param paymentsToEveryone whether everyone hears of a payment, or only the parties
   */
  write(paymentsToEveryone: boolean): ContractWrite | undefined {
    if (this.#audit.length === 0) return undefined;
    return {
      contract: this.#contract,
      payments: [...this.#payments.values()],
      audit: this.#audit,
      news: this.#news.map((news) => ({
        ...news,
        toEveryone: news.kind === "payment_changed" && paymentsToEveryone,
      })),
    };
  }

  /** The contract is new. */
  open(): void {
    this.#note("contract_created", null, this.#contract);
    this.#tell({ kind: "contract_created" });
  }

  /** Takes the contract as it is after a change; nothing when it is the very same. */
  become(action: string, after: Contract): void {
    const before = this.#contract;
    if (after === before) return;
    this.#contract = after;
    this.#note(action, before, after);
    for (const signedBy of newSigners(before, after)) {
      this.#tell({ kind: "contract_signed", signedBy });
    }
    if (after.hash !== before.hash) this.#tell({ kind: "terms_changed" });
    if (after.status !== before.status) this.#tell({ kind: "contract_changed" });
  }

  /** Takes a payment as it is after a change, or a new one; nothing when it is the very same. */
  pay(action: string, before: Payment | null, after: Payment): void {
    if (after === before) return;
    this.#payments.set(after.id, after);
    this.#note(action, before, after);
    if (after.status !== before?.status) this.#tell({ kind: "payment_changed", payment: after });
  }

  /** Notes what a provider says of other money than a payment's; nothing when it has said so before. */
  mismatch(payment: Payment, said: Mismatch): void {
    const after = noteMismatch(payment, said);
    if (after === payment) return;
    this.#payments.set(after.id, after);
    this.#note("payment_mismatch", payment, after);
    this.#tell({ kind: "payment_mismatch", payment: after, said });
  }

  #tell(news: Untold): void {
    this.#news.push({ ...news, contract: this.#contract, at: this.at, actor: this.#actor });
  }

  #note(action: string, before: AuditFact["before"], after: AuditFact["after"]): void {
    this.#audit.push({ at: this.at, actor: this.#actor, action, before, after });
  }
}

function newSigners(before: Contract, after: Contract): string[] {
  const signed = new Set(before.signatures.map(({ phoneNumber }) => phoneNumber));
  return after.signatures.map(({ phoneNumber }) => phoneNumber)
    .filter((phoneNumber) => !signed.has(phoneNumber));
}
