/**
 * The condition that an event is within the bounds of a key.
 * @module
 */
import type { Bounds } from "../../../access/bounds.ts";
import { CALLED, calledValues } from "./called.ts";

/** On the table `events`; its values are those of `withinValues`. */
export const WITHIN = `(contract_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM parties WHERE parties.contract_id = events.contract_id
      AND phone_number IN (SELECT value FROM json_each(?))
  ) OR call_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM calls WHERE calls.id = events.call_id AND ${CALLED}
  ))`;

/** The values of `WITHIN`. */
export function withinValues({ clients, numbers }: Bounds): [string, string, string] {
  return [JSON.stringify(clients), ...calledValues(numbers)];
}
