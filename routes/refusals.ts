/**
 * Turns what the domain refuses into problem documents, for every route.
 * @module
 */
import { ContractError, IllegalMove, InvalidValue } from "../contracts/errors.ts";
import { Refused } from "../http/problem.ts";
import { CannotRecord } from "../recordings/recordings.ts";
import { TargetRefused, WebhookError } from "../webhooks/errors.ts";

/**
 * A domain error as a refusal: 404 for what does not exist, 409 for what does not fit the state, 422
 * with the fields at fault. Undefined for every other error.
 */
export function refusalOf(error: unknown): Refused | undefined {
  if (error instanceof IllegalMove) {
    const { message, from, to, allowed } = error;
    return new Refused(409, message, { members: { from, to, allowed } });
  }
  if (error instanceof InvalidValue) {
    return new Refused(422, error.message, { errors: error.faults });
  }
  if (error instanceof TargetRefused) {
    const { message } = error;
    return new Refused(422, message, { errors: [{ field: "url", message }] });
  }
  if (error instanceof ContractError || error instanceof WebhookError) {
    return new Refused(error.reason === "unknown" ? 404 : 409, error.message);
  }
  return error instanceof CannotRecord ? new Refused(409, error.message) : undefined;
}
