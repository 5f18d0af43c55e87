/**
 * Why a request about contracts is refused.
 * @module
 */

/**
 * A refusal, not a fault of ours. `reason` says whose turn it is: `unknown` names
 * something that is not on record, `conflict` does not fit what is in it, `invalid` could never fit.
 */
export abstract class ContractError extends Error {
  abstract readonly reason: "unknown" | "conflict" | "invalid";
}

/** A contract, payment or transaction that is not on record. */
export class NotInBook extends ContractError {
  override readonly name = "NotInBook";
  override readonly reason = "unknown";
}

/** A phone number that is none of the contract's parties. */
export class NotAParty extends ContractError {
  override readonly name = "NotAParty";
  override readonly reason = "unknown";

  constructor(contractId: string, phoneNumber: string) {
    super(`Cannot confirm contract ${contractId} for ${phoneNumber}: it is not one of the parties`);
  }
}

/** A status that cannot follow the present one. */
export class IllegalMove<Status extends string = string> extends ContractError {
  override readonly name = "IllegalMove";
  override readonly reason = "conflict";

  /** `what` names the thing with its id: `contract AG-261121-3FA9C1`. */
  constructor(
    what: string,
    readonly from: Status,
    readonly to: Status,
    /** Where it may move from `from`; empty when `from` is final. */
    readonly allowed: readonly Status[],
  ) {
    const list = allowed.length === 0 ? "nothing" : allowed.join(", ");
    super(`Cannot move ${what} from "${from}" to "${to}"; allowed: ${list}`);
  }
}

/** Something that does not fit the present state of a contract or payment. */
export class StateConflict extends ContractError {
  override readonly name = "StateConflict";
  override readonly reason = "conflict";
}

/** A value at fault: where it was found in the request, such as `terms.total_amount`, and why. */
export interface ValueFault {
  readonly field: string;
  readonly message: string;
}

/** Values that cannot be taken in any state. */
export class InvalidValue extends ContractError {
  override readonly name = "InvalidValue";
  override readonly reason = "invalid";
  /** Every value at fault, one or more. */
  readonly faults: readonly [ValueFault, ...ValueFault[]];

  constructor(...faults: [ValueFault, ...ValueFault[]]) {
    super(faults.map(({ field, message }) => `${field}: ${message}`).join("; "));
    this.faults = faults;
  }
}
