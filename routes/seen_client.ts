/**
 * The clients that a key is for.
 * @module
 */
import { seesClient } from "../access/bounds.ts";
import type { Holder } from "../access/holder.ts";
import { Refused } from "../http/problem.ts";

/**
 * Checks that a client is one of those that the holder's key is for.
 * @throws {Refused} 404 when it is not
 */
export function checkClient(
  clientId: string,
  holder: Holder | undefined,
  country: string | undefined,
): void {
  if (seesClient(holder?.bounds, clientId, country)) return;
  throw new Refused(404, `Cannot find client ${clientId}: no such client`);
}
