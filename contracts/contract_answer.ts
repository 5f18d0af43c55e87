/**
 * A contract as clients get it.
 * @module
 */
import type { z } from "zod";
import type { Contract } from "./contract.ts";
import { toMajorUnits } from "./money.ts";
import type * as schemas from "./schemas.ts";

/** A contract in the words of REST. */
export function contractAnswer(contract: Contract): z.input<typeof schemas.ContractAnswer> {
  const { totalMinorUnits, currency, transcript } = contract;
  return {
    contract_id: contract.id,
    status: contract.status,
    created_at: contract.createdAt.toISOString(),
    expires_at: contract.expiresAt.toISOString(),
    total_amount: totalMinorUnits === null ? null : toMajorUnits(totalMinorUnits, currency),
    currency,
    parties: contract.parties.map(({ phoneNumber, role, name }) => ({
      phone_number: phoneNumber,
      role,
      name,
    })),
    contract_hash: contract.hash,
    contract_type: contract.type,
    terms: contract.terms,
    ...(transcript === null ? {} : { transcript }),
  };
}
