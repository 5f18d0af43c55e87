/**
 * The allowed senders of a payment provider's callbacks, from the settings.
 * @module
 */
import { AddressList } from "../http/guards/address.ts";
import { CallbackSignature } from "../http/guards/callback_signature.ts";
import type { CallbackSenders } from "./rest/payments.ts";
import type { Services } from "./services.ts";

/** The senders that the settings name. */
export function callbackSenders(
  { config, now }: Pick<Services, "config" | "now">,
): CallbackSenders {
  const { PAYMENT_CALLBACK_SECRET: secret } = config;
  const from = new AddressList(config.PAYMENT_CALLBACK_FROM);
  if (secret === undefined) return { from };
  const signature = new CallbackSignature({
    secret,
    header: config.PAYMENT_CALLBACK_HEADER,
    algorithm: config.PAYMENT_CALLBACK_ALGORITHM,
    timestampHeader: config.PAYMENT_CALLBACK_TIMESTAMP_HEADER,
    toleranceSeconds: config.PAYMENT_CALLBACK_TOLERANCE_S,
  }, now);
  return { from, signature };
}
