/**
 * A contract and its moves. Every function is pure: it returns a new contract and leaves the old one
 * unchanged.
 * @module
 */
import { type Agreement, agreementHash } from "./agreement.ts";
import { IllegalMove, NotAParty, StateConflict } from "./errors.ts";

/** Every status of a contract. */
export const CONTRACT_STATUSES = [
  "pending",
  "confirmed",
  "active",
  "completed",
  "disputed",
  "cancelled",
  "expired",
  "terminated",
] as const;

/** The status of a contract. */
export type ContractStatus = typeof CONTRACT_STATUSES[number];

/**
 * The statuses that may follow each status. A contract is cancelled before its performance begins and
 * terminated afterwards; a completed one can still be disputed.
 */
export const CONTRACT_MOVES = {
  pending: ["confirmed", "cancelled", "expired"],
  confirmed: ["active", "disputed", "cancelled"],
  active: ["completed", "disputed", "terminated"],
  completed: ["disputed"],
  disputed: ["active", "completed", "cancelled", "terminated"],
  cancelled: [],
  expired: [],
  terminated: [],
} as const satisfies Record<ContractStatus, readonly ContractStatus[]>;

/** One party's confirmation of the agreement with this hash. */
export interface Signature {
  readonly phoneNumber: string;
  readonly signedAt: Date;
  readonly hash: string;
}

/** A contract. */
export interface Contract extends Agreement {
  readonly id: string;
  readonly status: ContractStatus;
  /** SHA-256 of the agreement in hex. */
  readonly hash: string;
  readonly signatures: readonly Signature[];
  readonly createdAt: Date;
  /** When it expires if it is still pending. */
  readonly expiresAt: Date;
  readonly confirmedAt: Date | null;
}

const DAYS_TO_CONFIRM = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Statuses in which a party may sign: a signature can arrive after the contract has moved on. */
const SIGNABLE: ReadonlySet<ContractStatus> = new Set([
  "pending",
  "confirmed",
  "active",
  "disputed",
]);

/** Creates a contract: pending, unsigned, open for 30 days. */
export function newContract(id: string, agreement: Agreement, at: Date): Contract {
  return {
    ...agreement,
    id,
    status: "pending",
    hash: agreementHash(agreement),
    signatures: [],
    createdAt: at,
    expiresAt: new Date(at.getTime() + DAYS_TO_CONFIRM * DAY_MS),
    confirmedAt: null,
  };
}

/**
 * Moves a contract. Returns the same contract if it already has the status.
 * @throws {IllegalMove} when `CONTRACT_MOVES` has no such move
 */
export function moveContract(contract: Contract, to: ContractStatus, at: Date): Contract {
  const { id, status: from } = contract;
  if (to === from) return contract;
  const allowed: readonly ContractStatus[] = CONTRACT_MOVES[from];
  if (!allowed.includes(to)) throw new IllegalMove(`contract ${id}`, from, to, allowed);
  return { ...contract, status: to, confirmedAt: to === "confirmed" ? at : contract.confirmedAt };
}

/**
 * Adds a party's signature. The last missing one confirms a pending contract. Returns the same
 * contract if the party has signed before.
 * @throws {NotAParty} when the phone number is not a party's
 * @throws {IllegalMove} when the contract is over
 */
export function signContract(contract: Contract, phoneNumber: string, at: Date): Contract {
  const { id, status, parties, signatures, hash } = contract;
  if (!parties.some((party) => party.phoneNumber === phoneNumber)) {
    throw new NotAParty(id, phoneNumber);
  }
  if (signatures.some((signature) => signature.phoneNumber === phoneNumber)) return contract;
  if (!SIGNABLE.has(status)) {
    throw new IllegalMove(`contract ${id}`, status, "confirmed", CONTRACT_MOVES[status]);
  }
  const signed = { ...contract, signatures: [...signatures, { phoneNumber, signedAt: at, hash }] };
  const last = signed.signatures.length === parties.length;
  return last && status === "pending" ? moveContract(signed, "confirmed", at) : signed;
}

/**
 * Changes the terms of a pending contract and drops its signatures: they are for other terms. Returns
 * the same contract if nothing differs.
 * @throws {StateConflict} when the contract is no longer pending
 */
export function amendContract(
  contract: Contract,
  amended: Pick<Agreement, "terms" | "totalMinorUnits">,
): Contract {
  const after = { ...contract, ...amended };
  const hash = agreementHash(after);
  if (hash === contract.hash) return contract;
  if (contract.status !== "pending") {
    const { id, status } = contract;
    throw new StateConflict(
      `Cannot change the terms of contract ${id}: it is ${status}, no longer pending`,
    );
  }
  return { ...after, hash, signatures: [] };
}

/** Whether a contract is still pending after its time to sign. */
export function isOverdue(contract: Contract, at: Date): boolean {
  return contract.status === "pending" && contract.expiresAt <= at;
}

/** The progress of the signing. */
export function signingProgress(
  { parties, signatures }: Contract,
): { signed: number; total: number; complete: boolean } {
  const signed = signatures.length;
  return { signed, total: parties.length, complete: signed === parties.length };
}
