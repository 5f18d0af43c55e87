/**
 * Contracts and payments over REST.
 * @module
 */
import type { TestServer } from "./server.ts";

export const BUYER = "+254712345678";
export const SELLER = "+254787654321";

/** Opens a contract between these people and returns its id. */
export async function openContract(
  server: TestServer,
  [buyer, seller]: readonly [string, string] = [BUYER, SELLER],
): Promise<string> {
  const { contract_id } = await server.rest("POST", "/contracts/create", {
    transcript: "I buy one hundred bags of maize.",
    parties: [{ phone: buyer, role: "buyer" }, { phone: seller, role: "seller" }],
    contract_type: "agricultural_supply",
    terms: {},
    total_amount: 150.5,
    currency: "KES",
  });
  return contract_id;
}

/** Records a payment for a contract. */
export async function pay(
  server: TestServer,
  contract_id: string,
  amount: number,
  phone_number: string = BUYER,
): Promise<void> {
  await server.rest("POST", "/payments/checkout", {
    contract_id,
    amount,
    currency: "KES",
    phone_number,
  });
}
