/**
 * Contracts on their own database, with their events and audit entries.
 * @module
 */
import { Contracts } from "../../contracts/contracts.ts";
import type { Contract } from "../../contracts/contract.ts";
import type { Payment, PaymentStatus } from "../../contracts/payment.ts";
import type {
  AddressedEvent,
  AuditFact,
  ContractStore,
  ContractWrite,
} from "../../contracts/store.ts";
import { MEMORY, openSqlite } from "../../store/sqlite/open.ts";
import type { Store } from "../../store/store.ts";

export const BUYER = "+254712345678";
export const SELLER = "+254787654321";
export const STRANGER = "+254700000000";
export const START = new Date("2026-11-21T08:00:00Z");
export const DAY_MS = 24 * 60 * 60 * 1000;

/** A contract from a conversation. */
export const DEAL = {
  transcript: "I buy one hundred bags of maize.",
  parties: [
    { phone: BUYER, role: "buyer" as const, name: "Wanjiru" },
    { phone: SELLER, role: "seller" as const },
  ],
  contract_type: "agricultural_supply" as const,
  terms: { product: "maize", bags: 100 },
  total_amount: 150.1,
};

/** A provider's word for each status. */
export const SAID: Record<PaymentStatus, string> = {
  pending: "PendingConfirmation",
  completed: "Success",
  failed: "Cancelled",
  locked: "locked",
  released: "Released",
  refunded: "REFUNDED",
};

/** Writes to another store, and collects the events and audit entries. */
export class RecordingContracts implements ContractStore {
  readonly news: AddressedEvent[] = [];
  readonly audit: AuditFact[] = [];
  readonly #kept: ContractStore;
  readonly #ids = new Set<string>();

  constructor(kept: ContractStore) {
    this.#kept = kept;
  }

  contract(id: string): Promise<Contract | undefined> {
    return this.#kept.contract(id);
  }

  overdue(at: Date): Promise<readonly string[]> {
    return this.#kept.overdue(at);
  }

  payment(id: string): Promise<Payment | undefined> {
    return this.#kept.payment(id);
  }

  paymentByTransaction(transactionId: string): Promise<Payment | undefined> {
    return this.#kept.paymentByTransaction(transactionId);
  }

  paymentsOf(contractId: string): Promise<readonly Payment[]> {
    return this.#kept.paymentsOf(contractId);
  }

  contractByOperation(operation: string): Promise<Contract | undefined> {
    return this.#kept.contractByOperation(operation);
  }

  paymentByOperation(operation: string): Promise<Payment | undefined> {
    return this.#kept.paymentByOperation(operation);
  }

  /** Every contract that was written. */
  async all(): Promise<Contract[]> {
    return await Promise.all([...this.#ids].map(async (id) => (await this.contract(id))!));
  }

  async write(write: ContractWrite): Promise<readonly number[]> {
    const ids = await this.#kept.write(write);
    this.#ids.add(write.contract.id);
    this.news.push(...write.events);
    this.audit.push(...write.audit);
    return ids;
  }
}

/** The set-up of a test. */
export interface TestContractsOptions<Held extends RecordingContracts = RecordingContracts> {
  /** Wraps the store. */
  readonly wrap?: (kept: ContractStore) => Held;
  readonly paymentsToEveryone?: boolean;
  /** A database in memory by default. */
  readonly path?: string;
}

/** Contracts, their store, and a clock that the test sets. */
export class TestContracts<Held extends RecordingContracts = RecordingContracts>
  implements AsyncDisposable {
  readonly contracts: Contracts;
  now = START;

  private constructor(
    readonly database: Store,
    readonly store: Held,
    paymentsToEveryone: boolean,
  ) {
    this.contracts = new Contracts({ store, now: () => new Date(this.now), paymentsToEveryone });
  }

  static async open<Held extends RecordingContracts = RecordingContracts>(
    { wrap, paymentsToEveryone = true, path = MEMORY }: TestContractsOptions<Held> = {},
  ): Promise<TestContracts<Held>> {
    const database = await openSqlite(path);
    const store = wrap?.(database.contracts) ?? new RecordingContracts(database.contracts);
    return new TestContracts(database, store as Held, paymentsToEveryone);
  }

  async deal(): Promise<string> {
    return (await this.contracts.create(DEAL, "test")).id;
  }

  readonly payment = async (contract_id: string, payment_type: "escrow" | "direct" = "escrow") => {
    const request = { contract_id, amount: 150.1, phone_number: BUYER, payment_type };
    return await this.contracts.checkout(request, "test");
  };

  /** The changes of status since the last call. */
  readonly told = (): string[] =>
    this.store.news.splice(0).flatMap((item) => {
      if (item.kind === "payment_changed") return [`payment ${item.payment.status}`];
      return item.kind === "contract_changed" ? [`contract ${item.contract.status}`] : [];
    });

  /** All events since the last call. */
  readonly news = (): string[] =>
    this.store.news.splice(0).map((item) =>
      item.kind === "contract_signed" ? `signed by ${item.signedBy}` : item.kind
    );

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close();
  }
}
