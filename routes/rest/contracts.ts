/**
 * Contracts over REST.
 * @module
 */
import type { Contracts } from "../../contracts/contracts.ts";
import { type Contract, signingProgress } from "../../contracts/contract.ts";
import { toMajorUnits } from "../../contracts/money.ts";
import * as schemas from "../../contracts/schemas.ts";
import type { z } from "zod";
import { http, type HttpRoute } from "../../http/route.ts";

const BASE = "/api/v1/contracts";

/** The routes of contracts: open, list, read, change, confirm. */
export function contractRoutes(contracts: Contracts): HttpRoute[] {
  return [
    http({
      method: "POST",
      path: `${BASE}/create`,
      summary: "Opens a contract from a conversation",
      guard: "key",
      body: schemas.ContractCreate,
      answers: { 201: schemas.ContractAnswer },
      answer: async (visit, { body }) =>
        created(await contracts.create(body, visit.actor, visit.operation)),
    }),
    http({
      method: "POST",
      path: `${BASE}/create/manual`,
      summary: "Opens a contract from a form",
      guard: "key",
      body: schemas.ContractCreateManual,
      answers: { 201: schemas.ContractAnswer },
      answer: async (visit, { body }) =>
        created(await contracts.createManual(body, visit.actor, visit.operation)),
    }),
    // `:id` also matches an empty segment, so the lists come first.
    ...[BASE, `${BASE}/`].map((path) => listRoute(contracts, path)),
    http({
      method: "GET",
      path: `${BASE}/:id`,
      summary: "Reads a contract",
      guard: "key",
      answers: { 200: schemas.ContractAnswer },
      answer: async ({ params }) =>
        Response.json(contractAnswer(await contracts.get(params.id ?? ""))),
    }),
    http({
      method: "PUT",
      path: `${BASE}/:id`,
      summary: "Changes a contract's status or terms",
      guard: "key",
      body: schemas.ContractChange,
      answers: { 200: schemas.ContractAnswer },
      answer: async (visit, { body }) => {
        const changed = await contracts.change(visit.params.id ?? "", body, visit.actor);
        return Response.json(contractAnswer(changed));
      },
    }),
    http({
      method: "POST",
      path: `${BASE}/:id/confirm`,
      summary: "Signs a contract for a party",
      guard: "key",
      query: schemas.ConfirmQuery,
      answers: { 200: schemas.ConfirmAnswer },
      answer: async ({ params }, { query: { phone_number } }) => {
        const contract = await contracts.confirm(params.id ?? "", phone_number);
        const status = statusAnswer(contract);
        const { complete: all_signed } = status.progress;
        const signed_by = contracts.phone(phone_number);
        return Response.json({ ...status, signed_by, all_signed } satisfies Confirmed);
      },
    }),
    http({
      method: "GET",
      path: `${BASE}/:id/status`,
      summary: "Reads a contract's status and signatures",
      guard: "key",
      answers: { 200: schemas.ContractStatusAnswer },
      answer: async ({ params }) =>
        Response.json(statusAnswer(await contracts.get(params.id ?? ""))),
    }),
  ];
}

type Confirmed = z.input<typeof schemas.ConfirmAnswer>;

function listRoute(contracts: Contracts, path: string): HttpRoute {
  return http({
    method: "GET",
    path,
    ...(path === BASE ? {} : { aliasOf: BASE }),
    summary: "Lists contracts, newest first",
    guard: "key",
    query: schemas.ContractListQuery,
    answers: { 200: schemas.ContractListAnswer },
    answer: async (_visit, { query: { limit, offset, status, phone_number } }) => {
      const asked = { limit, offset, status, phoneNumber: phone_number };
      const { contracts: found, total } = await contracts.list(asked);
      return Response.json(
        { contracts: found.map(contractAnswer), limit, offset, total } satisfies z.input<
          typeof schemas.ContractListAnswer
        >,
      );
    },
  });
}

function created(contract: Contract): Response {
  const headers = { location: `${BASE}/${contract.id}` };
  return Response.json(contractAnswer(contract), { status: 201, headers });
}

function contractAnswer(contract: Contract): z.input<typeof schemas.ContractAnswer> {
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

function statusAnswer(contract: Contract): z.input<typeof schemas.ContractStatusAnswer> {
  const signedAt = new Map(
    contract.signatures.map(({ phoneNumber, signedAt }) => [phoneNumber, signedAt.toISOString()]),
  );
  return {
    contract_id: contract.id,
    status: contract.status,
    created_at: contract.createdAt.toISOString(),
    confirmed_at: contract.confirmedAt?.toISOString() ?? null,
    signatures: contract.parties.map(({ phoneNumber }) => ({
      phone_number: phoneNumber,
      status: signedAt.has(phoneNumber) ? "signed" : "pending",
      signed_at: signedAt.get(phoneNumber) ?? null,
    })),
    progress: signingProgress(contract),
  };
}
