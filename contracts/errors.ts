/**
 * Why a request about contracts is refused.
 * @module
 */

/** A refusal, not a fault of ours. */
export abstract class ContractError extends Error {}

/** A contract, payment or transaction that does not exist. */
export class NotFound extends ContractError {
  override readonly name = "NotFound";
}

/** A phone number that is not a party's. */
export class NotAParty extends ContractError {
  override readonly name = "NotAParty";

  constructor(contractId: string, phoneNumber: string) {
    super(`Cannot confirm contract ${contractId} for ${phoneNumber}: it is not one of the parties`);
  }
}

/** A status that may not follow the present one. */
export class IllegalMove<Status extends string = string> extends ContractError {
  override readonly name = "IllegalMove";

  /** `what` names the thing with its id: `contract AG-261121-3FA9C1`. */
  constructor(
    what: string,
    readonly from: Status,
    readonly to: Status,
    /** The statuses that may follow `from`; none if it is final. */
    readonly allowed: readonly Status[],
  ) {
    const list = allowed.length === 0 ? "nothing" : allowed.join(", ");
    super(`Cannot move ${what} from "${from}" to "${to}"; allowed: ${list}`);
  }
}

/** A request that conflicts with the present state of a contract or payment. */
export class StateConflict extends ContractError {
  override readonly name = "StateConflict";
}

/** An invalid value: its place in the request, such as `terms.total_amount`, and the reason. */
export interface ValueFault {
  readonly field: string;
  readonly message: string;
}

/** Values that are invalid in any state. */
export class InvalidValue extends ContractError {
  override readonly name = "InvalidValue";
  /** Every invalid value. */
  readonly faults: readonly [ValueFault, ...ValueFault[]];

  constructor(...faults: [ValueFault, ...ValueFault[]]) {
    super(faults.map(({ field, message }) => `${field}: ${message}`).join("; "));
    this.faults = faults;
  }
}

/** The refusal of an unknown payment. */
export function noPayment(id: string): NotFound {
  return new NotFound(`There is no payment ${id}`);
}
