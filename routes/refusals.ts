/**
 * Turns domain errors into problem documents, for every route.
 * @module
 */
import { KeyConflict, NoSuchKey } from "../access/managed_keys.ts";
import {
  IllegalMove,
  InvalidValue,
  NotAParty,
  NotFound,
  StateConflict,
} from "../contracts/errors.ts";
import { TooManyKeys, UnusableKey } from "../encryption/client_keys.ts";
import { Refused } from "../http/problem.ts";
import { CannotRecord } from "../recordings/recordings.ts";
import { NoSuchWebhook, TargetRefused, WebhookConflict } from "../webhooks/errors.ts";

const UNKNOWN = [NotFound, NotAParty, NoSuchKey, NoSuchWebhook];
const CONFLICTS = [StateConflict, WebhookConflict, KeyConflict, CannotRecord, TooManyKeys];

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
  if (error instanceof UnusableKey) return new Refused(422, error.message);
  const { message } = error as Error;
  if (UNKNOWN.some((kind) => error instanceof kind)) return new Refused(404, message);
  if (CONFLICTS.some((kind) => error instanceof kind)) return new Refused(409, message);
  return undefined;
}
