/**
 * Settings of the callbacks that come in from a payment provider, and of the webhooks that go out.
 * @module
 */
import { z } from "zod";
import { CALLBACK_ALGORITHMS } from "../http/guards/callback_signature.ts";
import { isAllowance } from "../webhooks/targets.ts";
import { addresses, list, whole } from "./setting_types.ts";

/** A secret that somebody has to guess. */
const secret = z.string().min(16, "16 characters or more");
const headerName = z.string().regex(/^[\w-]+$/, "the name of a header").toLowerCase();
/** Payments and webhooks. */
export const callbackSettings = {
  PAYMENT_UPDATES_TO: z.enum(["everyone", "parties"]).default("everyone")
    .describe("Who hears of a payment: everyone connected, or the contract's parties"),
  PAYMENT_CALLBACK_SECRET: secret.optional().describe(
    "The secret of the HMAC with which the provider signs its callbacks: one that is signed needs no " +
      "key, and one without a key must be signed",
  ),
  PAYMENT_CALLBACK_HEADER: headerName.default("x-signature")
    .describe("The header with that HMAC: hex or base64, alone, as `sha256=…` or as `t=…,v1=…`"),
  PAYMENT_CALLBACK_ALGORITHM: z.enum(CALLBACK_ALGORITHMS).default("sha256")
    .describe("Its hash function: sha256, sha512, sha1"),
  PAYMENT_CALLBACK_TIMESTAMP_HEADER: headerName.optional().describe(
    "The header with the time of signing, where there is one; the HMAC is then that of `time.body`",
  ),
  PAYMENT_CALLBACK_TOLERANCE_S: whole(1, 86_400, 300)
    .describe("How old the time of signing may be (s); older callbacks may be replayed ones"),
  PAYMENT_CALLBACK_FROM: addresses("The addresses that may post callbacks"),
  WEBHOOK_ALLOW_PRIVATE: list.pipe(
    z.array(z.string().refine(isAllowance, "addresses, CIDRs, host names or *, comma separated")),
  ).default([]).describe(
    "Private targets that webhooks may have: addresses, CIDRs, host names; `*` allows all",
  ),
};
