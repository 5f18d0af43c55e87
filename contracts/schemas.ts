/**
 * What REST takes and gives for contracts and payments.
 * @module
 */
import { z } from "zod";
import {
  contractId,
  contractStatus,
  contractType,
  currency,
  givenAmount,
  NOT_A_CURRENCY,
  parties,
  Phone,
  role,
  terms,
  time,
  totalAmount,
} from "./fields.ts";
import { type Amount, amountFault, isCurrency } from "./money.ts";
import { PAYMENT_STATUSES, PAYMENT_TYPES } from "./payment.ts";
import { agreedMoney, faultsOfAmounts, type Priced } from "./terms.ts";

/** Names the field at fault: the request's own, or the one in the terms that stands in for it. */
function checkMoney(
  request: Priced & { readonly unit_price?: Amount | null | undefined },
  context: z.RefinementCtx,
): void {
  const { currency } = agreedMoney(request);
  const refuse = (path: string[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  if (!isCurrency(currency)) {
    return refuse(
      (request.currency ?? null) === null ? ["terms", "currency"] : ["currency"],
      NOT_A_CURRENCY,
    );
  }
  for (const field of ["total_amount", "unit_price"] as const) {
    const amount = request[field] ?? null;
    const fault = amount === null ? undefined : amountFault(amount, currency);
    if (fault !== undefined) refuse([field], fault);
  }
  for (const { field, message } of faultsOfAmounts(request.terms ?? {}, currency)) {
    refuse(field.split("."), message);
  }
}

/** In JSON Schema: a member is there, and not null. */
function given(name: string, type: "string" | "object") {
  return { required: [name], properties: { [name]: { type } } };
}

/** A contract out of a conversation. */
export const ContractCreate = z.object({
  transcript: z.string().min(1).max(100_000).meta({
    description: "What was said, or a description of the contract",
    examples: ["I buy one hundred bags of maize for 300,000 shillings."],
  }),
  parties,
  contract_type: contractType.default("agricultural_supply"),
  terms: terms.default({}),
  total_amount: givenAmount.nullish(),
  currency: currency.nullish().meta({ description: "Currency by ISO 4217; KES if none is named" }),
}).superRefine(checkMoney).meta({
  id: "ContractCreate",
  description: "A contract out of a conversation",
});

/** A contract out of a form. */
export const ContractCreateManual = z.object({
  product: z.string().min(1).max(200).meta({
    description: "Product or service",
    examples: ["maize"],
  }),
  quantity: z.union([z.string().max(50), z.number()]).nullish().meta({
    description: "How much of it",
    examples: ["100"],
  }),
  unit: z.string().max(50).nullish().meta({ description: "Of the quantity", examples: ["bags"] }),
  unit_price: givenAmount.nullish().meta({
    description: "Price of one unit, as the total is written",
    examples: [3000],
  }),
  total_amount: givenAmount,
  currency: currency.default("KES"),
  delivery_location: z.string().max(200).nullish().meta({
    description: "Where to deliver",
    examples: ["Nakuru"],
  }),
  delivery_deadline: z.string().max(100).nullish().meta({
    description: "When to deliver at the latest, as the parties put it",
    examples: ["2026-12-24"],
  }),
  quality_requirements: z.string().max(2000).nullish().meta({
    description: "What the product must be like",
    examples: ["grade 1, moisture below 13.5 %"],
  }),
  parties,
  contract_type: contractType.default("agricultural_supply"),
}).superRefine(checkMoney).meta({
  id: "ContractCreateManual",
  description: "A contract out of a form",
});

/** A change of a contract. */
export const ContractChange = z.object({
  status: contractStatus.nullish(),
  terms: terms.nullish().meta({
    description:
      "Members to add or replace, while the contract is pending; signatures are asked anew",
  }),
}).refine(
  ({ status, terms }) => (status ?? terms ?? null) !== null,
  "must have status, terms, or both",
).meta({
  id: "ContractChange",
  description: "A new status, new terms, or both",
  anyOf: [given("status", "string"), given("terms", "object")],
});

/** Which contracts to list. */
export const ContractListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({
    description: "How many at most",
    examples: [50],
  }),
  offset: z.coerce.number().int().min(0).default(0).meta({
    description: "How many to skip, newest first",
    examples: [0],
  }),
  status: contractStatus.optional(),
  phone_number: Phone.optional().meta({ description: "Only contracts with this party" }),
}).meta({ id: "ContractListQuery" });

/** Who confirms. */
export const ConfirmQuery = z.object({ phone_number: Phone }).meta({ id: "ConfirmQuery" });

/** A contract as it is given. */
export const ContractAnswer = z.object({
  contract_id: contractId,
  status: contractStatus,
  created_at: time,
  expires_at: time,
  total_amount: totalAmount.nullable(),
  currency,
  parties: z.array(z.object({ phone_number: Phone, role, name: z.string().nullable() })),
  contract_hash: z.string().length(64).meta({
    description: "SHA-256, in hex, of the canonical JSON of what is agreed on",
    examples: ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
  }),
  contract_type: contractType,
  terms,
  transcript: z.string().optional(),
}).meta({ id: "ContractAnswer", description: "A contract" });

/** A page of contracts. */
export const ContractListAnswer = z.object({
  contracts: z.array(ContractAnswer),
  limit: z.int().nonnegative(),
  offset: z.int().nonnegative(),
  total: z.int().nonnegative().meta({ description: "How many there are in all", examples: [1] }),
}).meta({ id: "ContractListAnswer", description: "Contracts, newest first" });

/** How far the signing of a contract is. */
export const ContractStatusAnswer = z.object({
  contract_id: contractId,
  status: contractStatus,
  created_at: time,
  confirmed_at: time.nullable(),
  signatures: z.array(z.object({
    phone_number: Phone,
    status: z.enum(["pending", "signed"]),
    signed_at: time.nullable(),
  })).meta({ description: "One for each party" }),
  progress: z.object({
    signed: z.int().nonnegative(),
    total: z.int().nonnegative(),
    complete: z.boolean().meta({ description: "Whether every party has signed" }),
  }),
}).meta({ id: "ContractStatusAnswer", description: "A contract's status and signatures" });

/** What a party's confirmation has come to. */
export const ConfirmAnswer = ContractStatusAnswer.extend({
  signed_by: Phone,
  all_signed: z.boolean(),
}).meta({ id: "ConfirmAnswer", description: "The contract's status after a confirmation" });

/** A payment to begin. */
export const PaymentCheckout = z.object({
  contract_id: contractId,
  amount: givenAmount.refine((amount) => Number(amount) > 0, "must be more than nothing")
    .meta({ ...givenAmount.meta() }),
  currency: currency.nullish().meta({ description: "The contract's, which is taken if none is" }),
  phone_number: Phone,
  payment_type: z.enum(PAYMENT_TYPES).default("escrow").meta({
    description: "Held in escrow until it is released, or straight to the payee",
    examples: ["escrow"],
  }),
}).meta({ id: "PaymentCheckout", description: "A payment to begin" });

const providerReference = z.object({ payment_id: z.string().max(100).nullish() }).loose();

const saidAmount = z.unknown().meta({
  description:
    "What was paid, as a number or a text such as KES 2500.00. Where it is said, and is " +
    "not the payment's, the payment stays as it is, and payment_mismatch is told",
  examples: ["KES 150.10"],
});
const saidCurrency = z.unknown().meta({
  description: "The currency of what was paid; counts like the amount",
  examples: ["KES"],
});

/** What a payment provider calls back with; members that are not named here are ignored. */
export const PaymentCallback = z.object({
  transactionId: z.string().min(1).max(100).nullish().meta({
    description: "The provider's name for the payment, or our id",
    examples: ["ATPid_a58b61dc2bf556ff9c4b16e9f6e40795"],
  }),
  payment_id: z.string().max(100).nullish().meta({
    description: "Our id: binds the payment to the transaction",
    examples: ["PY-261121-7B20E4"],
  }),
  requestMetadata: providerReference.nullish().meta({
    description: "What we gave the provider to give back; its `payment_id` counts too",
  }),
  status: z.string().min(1).max(50).meta({
    description: "In the provider's words",
    examples: ["Success"],
  }),
  amount: saidAmount.optional(),
  value: saidAmount.optional(),
  currency: saidCurrency.optional(),
  currencyCode: saidCurrency.optional(),
  currency_code: saidCurrency.optional(),
}).loose().refine(
  (callback) => (callback.transactionId ?? paymentIdOf(callback)) !== undefined,
  { path: ["transactionId"], message: "must name a transaction, or payment_id a payment" },
).meta({
  id: "PaymentCallback",
  description: "A payment provider's callback",
  anyOf: [given("transactionId", "string"), given("payment_id", "string"), {
    ...given("requestMetadata", "object"),
    properties: { requestMetadata: { type: "object", ...given("payment_id", "string") } },
  }],
});

/** Our own id of a payment in a provider's callback, wherever the provider put it. */
export function paymentIdOf(callback: {
  payment_id?: string | null | undefined;
  requestMetadata?: { payment_id?: string | null | undefined } | null | undefined;
}): string | undefined {
  return callback.payment_id ?? callback.requestMetadata?.payment_id ?? undefined;
}

/** A payment as it is given. */
export const PaymentAnswer = z.object({
  payment_id: z.string().meta({ description: "Id of the payment", examples: ["PY-261121-7B20E4"] }),
  contract_id: contractId,
  transaction_id: z.string().nullable().meta({
    description: "The provider's name for it, once known",
  }),
  status: z.enum(PAYMENT_STATUSES).meta({ description: "Where it stands", examples: ["locked"] }),
  amount: z.number().meta({ description: "In the currency's major unit", examples: [150.1] }),
  currency,
  phone_number: Phone,
  payment_type: z.enum(PAYMENT_TYPES),
  created_at: time,
}).meta({ id: "PaymentAnswer", description: "A payment" });

/** The payments of a contract. */
export const PaymentListAnswer = z.object({
  contract_id: contractId,
  payments: z.array(PaymentAnswer),
}).meta({ id: "PaymentListAnswer", description: "A contract's payments, newest first" });
