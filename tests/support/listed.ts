/**
 * What the lists of a store must give, found by looking at every call and contract.
 * @module
 */
import type { CallRecord } from "../../calls/call_record.ts";
import type { CallQuery } from "../../calls/store.ts";
import type { Contract } from "../../contracts/contract.ts";
import type { ContractPage } from "../../store/pages.ts";

/** The calls that match, newest first. */
export function listedCalls(calls: readonly CallRecord[], query: Partial<CallQuery>): CallRecord[] {
  const { after, state, line, from, to, fromE164, toE164, calledNumbers } = query;
  const { startedFrom, startedBefore } = query;
  return calls.filter((call) =>
    (state === undefined || call.state === state) &&
    (line === undefined || call.line === line) &&
    (from === undefined || isNumber([call.from, call.fromE164], [from, fromE164])) &&
    (to === undefined || isNumber([call.to, call.toE164], [to, toE164])) &&
    (calledNumbers === undefined || wentTo(call, calledNumbers)) &&
    (startedFrom === undefined || call.startedAt >= startedFrom) &&
    (startedBefore === undefined || call.startedAt < startedBefore) &&
    (after === undefined || newestFirst(after, call) < 0)
  ).toSorted(newestFirst);
}

/** The contracts that match, newest first; `contracts` are in the order in which they were written. */
export function listedContracts(
  contracts: readonly Contract[],
  { status, phoneNumber, clients }: Partial<ContractPage>,
): Contract[] {
  return contracts.toReversed().filter((contract) => {
    const numbers = contract.parties.map((party) => party.phoneNumber);
    return (status === undefined || contract.status === status) &&
      (phoneNumber === undefined || numbers.includes(phoneNumber)) &&
      (clients === undefined || clients.some((client) => numbers.includes(client)));
  });
}

type Place = Pick<CallRecord, "startedAt" | "id">;

function newestFirst(one: Place, other: Place): number {
  return +other.startedAt - +one.startedAt || (one.id < other.id ? 1 : -1);
}

/** Older calls have no E.164; many of their numbers lack only the plus. */
function isNumber(
  found: readonly (string | null)[],
  [written, e164 = written]: readonly [string, string | undefined],
): boolean {
  return [written, e164, e164.replace(/^\+/, "")].some((spelling) => found.includes(spelling));
}

function wentTo({ to, toE164 }: CallRecord, numbers: readonly string[]): boolean {
  if (toE164 !== null) return numbers.includes(toE164);
  return numbers.some((number) => to === number || to === number.replace(/^\+/, ""));
}
