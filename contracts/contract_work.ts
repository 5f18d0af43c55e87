/**
 * Work on contracts: on each of them one at a time, and all of its changes are stored together.
 * @module
 */
import { type Contract, isOverdue, moveContract } from "./contract.ts";
import { ContractChanges } from "./contract_changes.ts";
import { KeyedMutex } from "./keyed_mutex.ts";
import type { ContractStore } from "./store.ts";

/** What `ContractWork` needs from the world. */
export interface ContractWorkPorts {
  readonly store: Pick<ContractStore, "write">;
  /** @throws {NotFound} for an unknown id */
  readonly get: (id: string) => Promise<Contract>;
  readonly now: () => Date;
  /** Whether payment events go to everyone, or only to the contract's parties. */
  readonly paymentsToEveryone: boolean;
}

/** Reads a contract, changes it and stores it, with nobody else at it meanwhile. */
export class ContractWork {
  readonly #ports: ContractWorkPorts;
  readonly #mutex = new KeyedMutex();

  constructor(ports: ContractWorkPorts) {
    this.#ports = ports;
  }

  /** Draws ids until one is free, and holds it during the work: ids are short enough to collide. */
  async underFreeId<Result>(
    draw: () => string,
    taken: (id: string) => Promise<unknown>,
    work: (id: string) => Promise<Result>,
  ): Promise<Result> {
    while (true) {
      const id = draw();
      const done = await this.#mutex.take(id, async () => {
        return await taken(id) === undefined ? { result: await work(id) } : undefined;
      });
      if (done !== undefined) return done.result;
    }
  }

  /**
   * Works on a contract exclusively, and commits the changes. A contract whose time to sign is over
   * expires first.
   * @throws {NotFound} for an unknown id
   */
  async change<Result>(
    id: string,
    actor: string,
    work: (changes: ContractChanges) => Result | Promise<Result>,
    operation?: string,
  ): Promise<Result> {
    return await this.#mutex.take(id, async () => {
      const at = this.#ports.now();
      const clock = new ContractChanges(await this.#ports.get(id), "clock", at);
      if (isOverdue(clock.contract, at)) {
        clock.become("contract_expired", moveContract(clock.contract, "expired", at));
        await this.commit(clock);
      }
      const changes = new ContractChanges(clock.contract, actor, at);
      const result = await work(changes);
      await this.commit(changes, operation);
      return result;
    });
  }

  /** Stores the changes, if there are any. */
  async commit(changes: ContractChanges, operation?: string): Promise<void> {
    const write = changes.write(this.#ports.paymentsToEveryone);
    if (write === undefined) return;
    await this.#ports.store.write(operation === undefined ? write : { ...write, operation });
  }
}
