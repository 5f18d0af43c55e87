/**
 * What the clients of a key may see and do with contracts.
 * @module
 */
import { type Bounds, seesClient, seesParties } from "../../access/bounds.ts";
import { actorOf, type Holder } from "../../access/holder.ts";
import type { Contract, ContractStatus } from "../../contracts/contract.ts";
import type { Contracts } from "../../contracts/contracts.ts";
import { NotFound } from "../../contracts/errors.ts";
import { Refused } from "../../http/problem.ts";
import type { Visit } from "../../http/route.ts";

/** Whether a contract has a party that the holder's key is for. */
export function seesContract(holder: Holder | undefined, { parties }: Contract): boolean {
  return seesParties(holder?.bounds, parties.map(({ phoneNumber }) => phoneNumber));
}

/**
 * The contract whose id is in the path.
 * @throws {NotFound} for an unknown id, and for a contract outside the key's bounds
 */
export async function seenContract(
  contracts: Contracts,
  { params: { id = "" }, holder }: Pick<Visit, "params" | "holder">,
): Promise<Contract> {
  const contract = await contracts.get(id);
  // In the words for an id that nothing has.
  if (!seesContract(holder, contract)) throw new NotFound(`There is no contract ${id}`);
  return contract;
}

/**
 * Checks that the holder's key is for one of the parties of a new contract.
 * @throws {Refused} 403 when it is for none of them
 */
export function checkParties(
  contracts: Contracts,
  holder: Holder | undefined,
  parties: readonly { readonly phone: string }[],
): void {
  if (holder?.bounds === undefined) return;
  const numbers = parties.map(({ phone }) => contracts.phone(phone));
  if (seesParties(holder.bounds, numbers)) return;
  throw new Refused(403, `Cannot open a contract with ${actorOf(holder)}: ${of(holder.bounds)}`);
}

/**
 * Checks that the holder's key includes the party who signs or pays.
 * @throws {Refused} 403 when it is not
 */
export function checkSigner(holder: Holder | undefined, phoneNumber: string): void {
  if (holder?.bounds === undefined || seesClient(holder.bounds, phoneNumber)) return;
  const what = `Cannot act for ${phoneNumber} with ${actorOf(holder)}`;
  throw new Refused(403, `${what}: ${of(holder.bounds)}`);
}

/** A contract reaches these by actions of all its parties: a key for some of them may not set them. */
const BY_ALL: readonly ContractStatus[] = ["confirmed", "active", "completed"];

/**
 * Checks that the holder's key may move a contract by hand.
 * @throws {Refused} 403 when it would sign for others
 */
export function checkMove(
  holder: Holder | undefined,
  status: ContractStatus | null | undefined,
): void {
  if (holder?.bounds === undefined || !status || !BY_ALL.includes(status)) return;
  const what = `Cannot move a contract to "${status}" with ${actorOf(holder)}`;
  throw new Refused(403, `${what}: that is for all of its parties, and ${of(holder.bounds)}`);
}

function of({ clients }: Bounds): string {
  return `the key is for ${clients.join(", ") || "no client"}`;
}
