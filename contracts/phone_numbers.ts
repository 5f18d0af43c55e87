/**
 * Reads the phone numbers in requests, by the country of the server.
 * @module
 */
import { e164OrText, toE164 } from "../phone/number.ts";
import type { Party } from "./agreement.ts";
import type { Contract } from "./contract.ts";
import { InvalidValue, type ValueFault } from "./errors.ts";
import { NOT_A_PHONE } from "./fields.ts";

/** A party as a request names it. */
interface NamedParty extends Pick<Party, "role"> {
  readonly phone: string;
  readonly name?: string | null | undefined;
}

/**
 * Reads a phone number into E.164.
 * @param country reads national numbers as numbers of this country
 * @throws {InvalidValue} for an invalid phone number
 */
export function readPhone(phone: string, country: string | undefined): string {
  const number = toE164(phone, country);
  if (number !== null) return number;
  throw new InvalidValue({ field: "phone_number", message: NOT_A_PHONE });
}

/**
 * Reads the parties of a contract, with their numbers in E.164.
 * @param country reads national numbers as numbers of this country
 * @throws {InvalidValue} with every invalid or repeated number
 */
export function readParties(named: readonly NamedParty[], country: string | undefined): Party[] {
  const faults: ValueFault[] = [];
  const first = new Map<string, number>();
  const parties = named.map(({ phone, role, name }, index) => {
    const phoneNumber = toE164(phone, country);
    const twin = first.get(phoneNumber ?? "");
    const message = phoneNumber === null
      ? NOT_A_PHONE
      : twin === undefined
      ? undefined
      : `${phoneNumber} is party ${twin} already`;
    if (message !== undefined) faults.push({ field: `parties.${index}.phone`, message });
    else first.set(phoneNumber!, index);
    return { phoneNumber: phoneNumber ?? phone, role, name: name ?? null };
  });
  const [fault, ...others] = faults;
  if (fault !== undefined) throw new InvalidValue(fault, ...others);
  return parties;
}

/**
 * The numbers of a signer in a contract: one, except in contracts from when `+2540712345678` and
 * `+254712345678` counted as two.
 */
export function partyNumbersOf({ parties }: Contract, signer: string): string[] {
  return parties.map(({ phoneNumber }) => phoneNumber)
    .filter((phoneNumber) => e164OrText(phoneNumber) === signer);
}
