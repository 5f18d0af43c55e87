/**
 * The requests and answers of REST for contracts and payments.
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

/** Reports each faulty field: the request's own, or its substitute in the terms. */
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

/** JSON Schema for a member that is present and not null. */
function given(name: string, type: "string" | "object") {
  return { required: [name], properties: { [name]: { type } } };
}

/** A contract from a conversation. */
export const ContractCreate = z.object({
  transcript: z.string().min(1).max(100_000).meta({
    description: "What was said, or a description of the contract",
    examples: ["I buy one hundred bags of maize for 300,000 shillings."],
  }),
  parties,
  contract_type: contractType.default("agricultural_supply"),
  terms: terms.default({}),
  total_amount: givenAmount.nullish(),
  currency: currency.nullish().describe("Currency by ISO 4217; KES if missing"),
}).superRefine(checkMoney).meta({
  id: "ContractCreate",
  description: "A contract from a conversation",
});

/** A contract from a form. */
export const ContractCreateManual = z.object({
  product: z.string().min(1).max(200).meta({
    description: "Product or service",
    examples: ["maize"],
  }),
  quantity: z.union([z.string().max(50), z.number()]).nullish().meta({
    description: "Amount of the product",
    examples: ["100"],
  }),
  unit: z.string().max(50).nullish().meta({
    description: "Unit of the quantity",
    examples: ["bags"],
  }),
  unit_price: givenAmount.nullish().meta({
    description: "Price of one unit, written like the total",
    examples: [3000],
  }),
  total_amount: givenAmount,
  currency: currency.default("KES"),
  delivery_location: z.string().max(200).nullish().meta({
    description: "Where to deliver",
    examples: ["Nakuru"],
  }),
  delivery_deadline: z.string().max(100).nullish().meta({
    description: "Latest delivery, in the words of the parties",
    examples: ["2026-12-24"],
  }),
  quality_requirements: z.string().max(2000).nullish().meta({
    description: "Required quality of the product",
    examples: ["grade 1, moisture below 13.5 %"],
  }),
  parties,
  contract_type: contractType.default("agricultural_supply"),
}).superRefine(checkMoney).meta({
  id: "ContractCreateManual",
  description: "A contract from a form",
});

/** A change of a contract. */
export const ContractChange = z.object({
  status: contractStatus.nullish(),
  terms: terms.nullish()
    .describe("Members to add or replace while the contract is pending; every party signs again"),
}).refine(
  ({ status, terms }) => (status ?? terms ?? null) !== null,
  "must have status, terms, or both",
).meta({
  id: "ContractChange",
  description: "A new status, new terms, or both",
  anyOf: [given("status", "string"), given("terms", "object")],
});

/** A list skips no more than this: who wants to go further follows the cursors. */
export const MOST_SKIPPED = 10_000;

const next_cursor = z.string().optional()
  .describe("The cursor of the next page; missing on the last page");

/** Selects contracts for a list. */
export const ContractListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({
    description: "Maximum number",
    examples: [50],
  }),
  offset: z.coerce.number().int().min(0).default(0).meta({
    description:
      `Number to skip, newest first: ${MOST_SKIPPED} at most, more is refused with 400. ` +
      "A cursor goes on at any place",
    examples: [0],
  }),
  cursor: z.string().regex(/^\d{1,15}$/, "a next_cursor").optional()
    .describe("The next_cursor of the previous page"),
  status: contractStatus.optional(),
  phone_number: Phone.optional().describe("Only contracts with this party"),
}).meta({ id: "ContractListQuery" });

/** The confirming party. */
export const ConfirmQuery = z.object({ phone_number: Phone }).meta({ id: "ConfirmQuery" });

/** A contract in an answer. */
export const ContractAnswer = z.object({
  contract_id: contractId,
  status: contractStatus,
  created_at: time,
  expires_at: time,
  total_amount: totalAmount.nullable(),
  currency,
  parties: z.array(z.object({ phone_number: Phone, role, name: z.string().nullable() })),
  contract_hash: z.string().length(64).meta({
    description: "SHA-256, in hex, of the agreement in canonical JSON (RFC 8785)",
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
  total: z.int().nonnegative().meta({
    description: "Number of all matching contracts",
    examples: [1],
  }),
  next_cursor,
}).meta({ id: "ContractListAnswer", description: "Contracts, newest first" });

/** The progress of signing a contract. */
export const ContractStatusAnswer = z.object({
  contract_id: contractId,
  status: contractStatus,
  created_at: time,
  confirmed_at: time.nullable(),
  signatures: z.array(z.object({
    phone_number: Phone,
    status: z.enum(["pending", "signed"]),
    signed_at: time.nullable(),
  })).describe("One for each party"),
  progress: z.object({
    signed: z.int().nonnegative(),
    total: z.int().nonnegative(),
    complete: z.boolean().describe("Whether every party has signed"),
  }),
}).meta({ id: "ContractStatusAnswer", description: "A contract's status and signatures" });

/** The result of a party's confirmation. */
export const ConfirmAnswer = ContractStatusAnswer.extend({
  signed_by: Phone,
  all_signed: z.boolean(),
}).meta({ id: "ConfirmAnswer", description: "The contract's status after a confirmation" });

/** A new payment. */
export const PaymentCheckout = z.object({
  contract_id: contractId,
  amount: givenAmount.refine((amount) => Number(amount) > 0, "must be more than zero")
    .meta({ ...givenAmount.meta() }),
  currency: currency.nullish().describe("Must be the contract's, which is the default"),
  phone_number: Phone,
  payment_type: z.enum(PAYMENT_TYPES).default("escrow").meta({
    description: "Held in escrow until released, or straight to the payee",
    examples: ["escrow"],
  }),
}).meta({ id: "PaymentCheckout", description: "A new payment" });

const providerReference = z.object({ payment_id: z.string().max(100).nullish() }).loose();

const saidAmount = z.unknown().meta({
  description:
    "The paid amount, as a number or a text such as KES 2500.00. If it is not the payment's, the " +
    "payment stays unchanged, and a payment_mismatch event says so",
  examples: ["KES 150.10"],
});
const saidCurrency = z.unknown().meta({
  description: "The currency of the paid amount; checked like the amount",
  examples: ["KES"],
});

/** A payment provider's callback; unknown members are ignored. */
export const PaymentCallback = z.object({
  transactionId: z.string().min(1).max(100).nullish().meta({
    description: "The provider's id of the transaction, or our id of the payment",
    examples: ["ATPid_a58b61dc2bf556ff9c4b16e9f6e40795"],
  }),
  payment_id: z.string().max(100).nullish().meta({
    description: "Our id: binds the payment to the transaction",
    examples: ["PY-261121-7B20E4"],
  }),
  requestMetadata: providerReference.nullish()
    .describe("What we asked the provider to send back; its `payment_id` counts too"),
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

/** Our payment id in a provider's callback, wherever the provider put it. */
export function paymentIdOf(callback: {
  payment_id?: string | null | undefined;
  requestMetadata?: { payment_id?: string | null | undefined } | null | undefined;
}): string | undefined {
  return callback.payment_id ?? callback.requestMetadata?.payment_id ?? undefined;
}

/** A payment in an answer. */
export const PaymentAnswer = z.object({
  payment_id: z.string().meta({ description: "Id of the payment", examples: ["PY-261121-7B20E4"] }),
  contract_id: contractId,
  transaction_id: z.string().nullable()
    .describe("The provider's id of the transaction, once known"),
  status: z.enum(PAYMENT_STATUSES).meta({
    description: "Status of the payment",
    examples: ["locked"],
  }),
  amount: z.number().meta({ description: "In the currency's major unit", examples: [150.1] }),
  currency,
  phone_number: Phone,
  payment_type: z.enum(PAYMENT_TYPES),
  created_at: time,
}).meta({ id: "PaymentAnswer", description: "A payment" });

/** Selects a page of a contract's payments. */
export const PaymentListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(500).describe("How many at most"),
  cursor: z.string().regex(/^\d{1,15}-\d{1,15}$/, "a next_cursor").optional()
    .describe("The next_cursor of the previous page"),
}).meta({ id: "PaymentListQuery" });

/** The payments of a contract. */
export const PaymentListAnswer = z.object({
  contract_id: contractId,
  payments: z.array(PaymentAnswer),
  next_cursor,
}).meta({ id: "PaymentListAnswer", description: "A contract's payments, newest first" });
