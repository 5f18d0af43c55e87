/**
 * Collects changes to one contract with their audit entries and events, to write them at once.
 * @module
 */
import type { Contract } from "./contract.ts";
import type { ContractEvent } from "./contract_event.ts";
import { type Mismatch, noteMismatch, type Payment } from "./payment.ts";
import type { AuditFact, ContractWrite } from "./store.ts";

/** An event without the contract, the time and the actor. */
type BareEvent = ContractEvent extends infer Event
  ? Event extends ContractEvent ? Omit<Event, "contract" | "at" | "actor">
  : never
  : never;

/** Collects changes to one contract and its payments. */
export class ContractChanges {
  readonly at: Date;
  readonly #actor: string;
  readonly #payments = new Map<string, Payment>();
  readonly #audit: AuditFact[] = [];
  readonly #events: ContractEvent[] = [];
  #contract: Contract;

  /** `actor` made all the changes, at `at`. */
  constructor(contract: Contract, actor: string, at: Date) {
    this.#contract = contract;
    this.#actor = actor;
    this.at = at;
  }

  /** The contract with all changes so far. */
  get contract(): Contract {
    return this.#contract;
  }

  /**
   * What to store; undefined if nothing has changed.
   * @param paymentsToEveryone whether payment events go to everyone, or only to the parties
   */
  write(paymentsToEveryone: boolean): ContractWrite | undefined {
    if (this.#audit.length === 0) return undefined;
    return {
      contract: this.#contract,
      payments: [...this.#payments.values()],
      audit: this.#audit,
      events: this.#events.map((event) => ({
        ...event,
        toEveryone: event.kind === "payment_changed" && paymentsToEveryone,
      })),
    };
  }

  /** Notes that the contract is new. */
  open(): void {
    this.#note("contract_created", null, this.#contract);
    this.#tell({ kind: "contract_created" });
  }

  /** Sets the contract after a change; does nothing if it is the same object. */
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

  /** Sets a payment after a change, or a new one; does nothing if it is the same object. */
  pay(action: string, before: Payment | null, after: Payment): void {
    if (after === before) return;
    this.#payments.set(after.id, after);
    this.#note(action, before, after);
    if (after.status !== before?.status) this.#tell({ kind: "payment_changed", payment: after });
  }

  /** Notes that a provider means other money than the payment's; does nothing for a repetition. */
  mismatch(payment: Payment, said: Mismatch): void {
    const after = noteMismatch(payment, said);
    if (after === payment) return;
    this.#payments.set(after.id, after);
    this.#note("payment_mismatch", payment, after);
    this.#tell({ kind: "payment_mismatch", payment: after, said });
  }

  #tell(event: BareEvent): void {
    this.#events.push({ ...event, contract: this.#contract, at: this.at, actor: this.#actor });
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
