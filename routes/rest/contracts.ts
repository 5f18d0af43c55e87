/**
 * Contracts over REST.
 * @module
 */
import type { Contracts } from "../../contracts/contracts.ts";
import { type Contract, signingProgress } from "../../contracts/contract.ts";
import { ContractError, IllegalMove, InvalidValue } from "../../contracts/errors.ts";
import { toMajorUnits } from "../../contracts/money.ts";
import * as schemas from "../../contracts/schemas.ts";
import type { z } from "zod";
import { Refused } from "../../http/problem.ts";
import { http, type HttpRoute, type Visit } from "../../http/route.ts";

const BASE = "/api/v1/contracts";

/** The routes of contracts: open, list, read, change, confirm. */
export function contractRoutes(contracts: Contracts): HttpRoute[] {
  return [
    http({
      method: "POST",
      path: `${BASE}/create`,
      summary: "Opens a contract out of a conversation",
      guard: "key",
      body: schemas.ContractCreate,
      answers: { 201: schemas.ContractAnswer },
      answer: async (visit, { body }) =>
        created(await refusing(contracts.create(body, actorOf(visit), visit.operation))),
    }),
    http({
      method: "POST",
      path: `${BASE}/create/manual`,
      summary: "Opens a contract out of a form",
      guard: "key",
      body: schemas.ContractCreateManual,
      answers: { 201: schemas.ContractAnswer },
      answer: async (visit, { body }) =>
        created(await refusing(contracts.createManual(body, actorOf(visit), visit.operation))),
    }),
    // `:id` would match an empty segment too, so the lists come first.
    ...[BASE, `${BASE}/`].map((path) => listRoute(contracts, path)),
    http({
      method: "GET",
      path: `${BASE}/:id`,
      summary: "Reads a contract",
      guard: "key",
      answers: { 200: schemas.ContractAnswer },
      answer: async ({ params }) =>
        Response.json(contractAnswer(await refusing(contracts.get(params.id ?? "")))),
    }),
    http({
      method: "PUT",
      path: `${BASE}/:id`,
      summary: "Changes a contract's status or terms",
      guard: "key",
      body: schemas.ContractChange,
      answers: { 200: schemas.ContractAnswer },
      answer: async (visit, { body }) => {
        const changed = contracts.change(visit.params.id ?? "", body, actorOf(visit));
        return Response.json(contractAnswer(await refusing(changed)));
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
        const contract = await refusing(contracts.confirm(params.id ?? "", phone_number));
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
        Response.json(statusAnswer(await refusing(contracts.get(params.id ?? "")))),
    }),
  ];
}

/**
 * Waits for the contracts, and turns what it refuses into a problem document.
 * @throws {Refused} 404 not in the contracts, 409 with `allowed` for an illegal move, 422 with the field
 */
export async function refusing<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    const { message } = error;
    if (error instanceof IllegalMove) {
      const { from, to, allowed } = error;
      throw new Refused(409, message, { members: { from, to, allowed } });
    }
    if (error instanceof InvalidValue) {
      throw new Refused(422, message, { errors: [...error.faults] });
    }
    throw new Refused(error.reason === "unknown" ? 404 : 409, message);
  }
}

/** Who is behind a visit, for the audit: keys are secrets and not written down. */
export function actorOf({ remote }: Visit): string {
  return `rest ${remote}`;
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
      const filter = {
        ...(status === undefined ? {} : { status }),
        ...(phone_number === undefined ? {} : { phoneNumber: phone_number }),
      };
      const { contracts: found, total } = await refusing(
        contracts.list({ limit, offset, ...filter }),
      );
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
