/**
 * The contracts of this server: opening, signing, changing and paying. Each change is stored together
 * with its events.
 * @module
 */
import type { z } from "zod";
import type { Agreement } from "./agreement.ts";
import { checkPayable } from "./check_payable.ts";
import {
  amendContract,
  type Contract,
  moveContract,
  newContract,
  signContract,
} from "./contract.ts";
import { amendedTerms, spokenAgreement, writtenAgreement } from "./read_agreement.ts";
import { ContractChanges } from "./contract_changes.ts";
import { ContractWork, type ContractWorkPorts } from "./contract_work.ts";
import { noPayment, NotFound } from "./errors.ts";
import { contractId, paymentId } from "./ids.ts";
import { toMinorUnits } from "./money.ts";
import { partyNumbersOf, readPhone } from "./phone_numbers.ts";
import { bindTransaction, newPayment, type Payment, settlePayment } from "./payment.ts";
import { mismatchOf, paymentNamed, statusFromProvider } from "./provider.ts";
import {
  ContractChange,
  ContractCreate,
  ContractCreateManual,
  PaymentCallback,
  PaymentCheckout,
  paymentIdOf,
} from "./schemas.ts";
import type { ContractStore } from "./store.ts";
import { KeyedMutex } from "./keyed_mutex.ts";

/** What `Contracts` needs from the world. */
export interface ContractsPorts extends Omit<ContractWorkPorts, "get" | "store"> {
  readonly store: ContractStore;
  /** Reads national numbers as numbers of this country (ISO 3166-1). */
  readonly defaultCountry?: string;
}

/** Who makes a change, for the audit. */
export type Actor = string;

/** Who brings a provider's callback. */
export interface SettledBy {
  readonly actor?: Actor;
  sees?(contract: Contract): boolean;
}

/**
 * Every contract and payment of this server. Checks requests by their schemas, since call apps do not
 * come through REST: an invalid one throws a `ZodError`.
 */
export class Contracts {
  readonly #ports: ContractsPorts;
  readonly #work: ContractWork;
  readonly #transactions = new KeyedMutex();

  constructor(ports: ContractsPorts) {
    this.#ports = ports;
    this.#work = new ContractWork({ ...ports, get: (id) => this.get(id) });
  }

  /**
   * Opens a contract from a conversation.
   * @param operation identifies the request: repeating it returns the same contract
   */
  async create(
    request: z.input<typeof ContractCreate>,
    actor: Actor,
    operation?: string,
  ): Promise<Contract> {
    const agreement = spokenAgreement(ContractCreate.parse(request), this.#ports.defaultCountry);
    return await this.#open(agreement, actor, operation);
  }

  /** Opens a contract from a form; `operation` as in `create`. */
  async createManual(
    request: z.input<typeof ContractCreateManual>,
    actor: Actor,
    operation?: string,
  ): Promise<Contract> {
    const asked = ContractCreateManual.parse(request);
    return await this.#open(writtenAgreement(asked, this.#ports.defaultCountry), actor, operation);
  }

  /**
   * Changes the terms, the status, or both; all or nothing.
   * @throws {NotFound} for an unknown id
   * @throws {IllegalMove} when the status cannot follow the present one
   * @throws {StateConflict} when the contract is no longer pending
   * @throws {InvalidValue} when the total is invalid in the contract's currency
   */
  async change(
    id: string,
    request: z.input<typeof ContractChange>,
    actor: Actor,
  ): Promise<Contract> {
    const { status, terms } = ContractChange.parse(request);
    return await this.#work.change(id, actor, async (changes) => {
      if (terms) {
        const amended = amendContract(changes.contract, amendedTerms(changes.contract, terms));
        changes.become("contract_amended", amended);
      }
      if (status) {
        changes.become("contract_moved", moveContract(changes.contract, status, changes.at));
        await this.#activateIfPaid(changes);
      }
      return changes.contract;
    });
  }

  /**
   * Signs for a party. The last signature confirms the contract. Signing again changes nothing.
   * @throws {NotFound} for an unknown id
   * @throws {InvalidValue} for an invalid phone number
   * @throws {NotAParty} for the phone number of someone else
   * @throws {IllegalMove} when the contract is over
   * @param actor who signs for the party; by default the party
   */
  async confirm(id: string, phoneNumber: string, actor?: Actor): Promise<Contract> {
    const signer = this.phone(phoneNumber);
    return await this.#work.change(id, actor ?? signer, async (changes) => {
      const [known = signer, ...others] = partyNumbersOf(changes.contract, signer);
      for (const number of [known, ...others]) {
        changes.become("contract_signed", signContract(changes.contract, number, changes.at));
      }
      await this.#activateIfPaid(changes);
      return changes.contract;
    });
  }

  /**
   * Returns a contract.
   * @throws {NotFound} for an unknown id
   */
  async get(id: string): Promise<Contract> {
    const contract = await this.find(id);
    if (contract === undefined) throw new NotFound(`There is no contract ${id}`);
    return contract;
  }

  /** Returns a contract, if it exists. */
  async find(id: string): Promise<Contract | undefined> {
    return await this.#ports.store.contract(id);
  }

  /**
   * Reads a phone number of a request into E.164.
   * @throws {InvalidValue} for an invalid phone number
   */
  phone(text: string): string {
    return readPhone(text, this.#ports.defaultCountry);
  }

  /**
   * Records a payment that is to be made.
   * @param operation identifies the request: repeating it returns the same payment
   * @throws {NotFound} for an unknown contract
   * @throws {StateConflict} for a contract that cannot be paid now, or another currency
   * @throws {InvalidValue} for an invalid amount or phone number
   */
  async checkout(
    request: z.input<typeof PaymentCheckout>,
    actor: Actor,
    operation?: string,
  ): Promise<Payment> {
    const asked = PaymentCheckout.parse(request);
    const phoneNumber = this.phone(asked.phone_number);
    const made = operation && await this.#ports.store.paymentByOperation(operation);
    if (made) return made;
    return await this.#work.underFreeId(
      () => paymentId(this.#ports.now()),
      (id) => this.#ports.store.payment(id),
      (id) =>
        this.#work.change(asked.contract_id, actor, (changes) => {
          const { id: contractId, currency } = changes.contract;
          checkPayable(changes.contract, asked.amount, asked.currency ?? currency);
          const payment = newPayment({
            id,
            contractId,
            type: asked.payment_type,
            amountMinorUnits: toMinorUnits(asked.amount, currency),
            currency,
            phoneNumber,
          }, changes.at);
          changes.pay("payment_recorded", null, payment);
          return payment;
        }, operation),
    );
  }

  /**
   * Applies a payment provider's callback. Money locked in escrow activates a confirmed contract. A
   * repeated or late callback changes nothing. One with another amount or currency changes nothing
   * but the record, which gets a `payment_mismatch`.
   * @throws {NotFound} when neither id names a payment
   * @throws {InvalidValue} when the provider's status is unknown
   * @throws {IllegalMove} when the status cannot follow the present one
   * @throws {StateConflict} when the payment belongs to another transaction
   * @param by.actor who brings the callback, for the audit
   * @param by.sees whether that may know of a contract: the payments of others do not exist for it
   */
  async settle(
    request: z.input<typeof PaymentCallback>,
    { actor = "provider", sees = () => true }: SettledBy = {},
  ): Promise<Payment> {
    const callback = PaymentCallback.parse(request);
    const transactionId = callback.transactionId ?? undefined;
    const ourId = paymentIdOf(callback);
    // Two payments must not both be bound to one transaction.
    return await this.#transactions.take(`${transactionId ?? ourId}`, async () => {
      const { id, contractId } = await paymentNamed(
        this.#ports.store,
        transactionId,
        ourId,
        async (payment) => sees(await this.get(payment.contractId)),
      );
      return await this.#work.change(contractId, actor, async (changes) => {
        const before = await this.payment(id);
        const bound = transactionId === undefined ? before : bindTransaction(before, transactionId);
        const status = statusFromProvider(callback.status, before.type);
        const mismatch = mismatchOf(before, callback);
        if (mismatch !== undefined) {
          changes.mismatch(before, mismatch);
          return before;
        }
        const after = settlePayment(bound, status, changes.at);
        changes.pay("payment_settled", before, after);
        if (after.status === "locked") await this.#activateIfPaid(changes, after);
        return after;
      });
    });
  }

  /**
   * Returns a payment.
   * @throws {NotFound} for an unknown id
   */
  async payment(id: string): Promise<Payment> {
    const payment = await this.#ports.store.payment(id);
    if (payment === undefined) throw noPayment(id);
    return payment;
  }

  /**
   * Expires the contracts whose time to sign is over. A timer calls this; between its calls, any
   * other change of such a contract expires it first.
   */
  async expireOverdue(): Promise<void> {
    for (const id of await this.#ports.store.overdue(this.#ports.now())) {
      await this.#work.change(id, "clock", () => {});
    }
  }

  async #open(agreement: Agreement, actor: Actor, operation?: string): Promise<Contract> {
    const made = operation && await this.#ports.store.contractByOperation(operation);
    if (made) return made;
    const at = this.#ports.now();
    return await this.#work.underFreeId(
      () => contractId(agreement.type, at),
      (id) => this.find(id),
      async (id) => {
        const changes = new ContractChanges(newContract(id, agreement, at), actor, at);
        changes.open();
        await this.#work.commit(changes, operation);
        return changes.contract;
      },
    );
  }

  /** Activates a contract that was paid before the last signature. */
  async #activateIfPaid(changes: ContractChanges, locked?: Payment): Promise<void> {
    const { id, status } = changes.contract;
    if (status !== "confirmed") return;
    const payments = locked === undefined ? await this.#ports.store.paymentsOf(id) : [locked];
    if (!payments.some((payment) => payment.status === "locked")) return;
    changes.become("contract_activated", moveContract(changes.contract, "active", changes.at));
  }
}
