/**
 * Contracts over REST.
 * @module
 */
import { actorOf } from "../../access/holder.ts";
import { type Contract, signingProgress } from "../../contracts/contract.ts";
import { contractAnswer } from "../../contracts/contract_answer.ts";
import * as schemas from "../../contracts/schemas.ts";
import type { z } from "zod";
import { checkMove, checkParties, checkSigner, seenContract } from "./seen_contract.ts";
import { Refused } from "../../http/problem.ts";
import { http, type HttpRoute } from "../../http/route.ts";
import { listAnswer, type ListServices } from "./list_answer.ts";
import type { Services } from "../services.ts";

const BASE = "/api/v1/contracts";

type ContractServices = ListServices & Pick<Services, "contracts" | "store">;

/** The routes of contracts: open, list, read, change, confirm. */
export function contractRoutes(services: ContractServices): HttpRoute[] {
  const { contracts } = services;
  return [
    http({
      method: "POST",
      path: `${BASE}/create`,
      summary: "Opens a contract from a conversation",
      scope: "contracts:write",
      body: schemas.ContractCreate,
      answers: { 201: schemas.ContractAnswer },
      answer: async (visit, { body }) => {
        checkParties(contracts, visit.holder, body.parties);
        return created(await contracts.create(body, visit.actor, visit.operation));
      },
    }),
    http({
      method: "POST",
      path: `${BASE}/create/manual`,
      summary: "Opens a contract from a form",
      scope: "contracts:write",
      body: schemas.ContractCreateManual,
      answers: { 201: schemas.ContractAnswer },
      answer: async (visit, { body }) => {
        checkParties(contracts, visit.holder, body.parties);
        return created(await contracts.createManual(body, visit.actor, visit.operation));
      },
    }),
    // `:id` also matches an empty segment, so the lists come first.
    ...[BASE, `${BASE}/`].map((path) => listRoute(services, path)),
    http({
      method: "GET",
      path: `${BASE}/:id`,
      summary: "Reads a contract",
      scope: "contracts:read",
      answers: { 200: schemas.ContractAnswer },
      answer: async (visit) => Response.json(contractAnswer(await seenContract(contracts, visit))),
    }),
    http({
      method: "PUT",
      path: `${BASE}/:id`,
      summary: "Changes a contract's status or terms",
      scope: "contracts:write",
      body: schemas.ContractChange,
      answers: { 200: schemas.ContractAnswer },
      answer: async (visit, { body }) => {
        const { id } = await seenContract(contracts, visit);
        checkMove(visit.holder, body.status);
        const changed = await contracts.change(id, body, visit.actor);
        return Response.json(contractAnswer(changed));
      },
    }),
    http({
      method: "POST",
      path: `${BASE}/:id/confirm`,
      summary: "Signs a contract for a party",
      scope: "contracts:write",
      query: schemas.ConfirmQuery,
      answers: { 200: schemas.ConfirmAnswer },
      answer: async (visit, { query: { phone_number } }) => {
        const { id } = await seenContract(contracts, visit);
        const signer = contracts.phone(phone_number);
        checkSigner(visit.holder, signer);
        const contract = await contracts.confirm(id, signer, actorOf(visit.holder, signer));
        const status = statusAnswer(contract);
        const { complete: all_signed } = status.progress;
        return Response.json({ ...status, signed_by: signer, all_signed } satisfies Confirmed);
      },
    }),
    http({
      method: "GET",
      path: `${BASE}/:id/status`,
      summary: "Reads a contract's status and signatures",
      scope: "contracts:read",
      answers: { 200: schemas.ContractStatusAnswer },
      answer: async (visit) => Response.json(statusAnswer(await seenContract(contracts, visit))),
    }),
  ];
}

type Confirmed = z.input<typeof schemas.ConfirmAnswer>;

function listRoute(services: ContractServices, path: string): HttpRoute {
  const { contracts, store: { pages } } = services;
  return http({
    method: "GET",
    path,
    ...(path === BASE ? {} : { aliasOf: BASE }),
    summary: "Lists contracts, newest first",
    scope: "contracts:read",
    query: schemas.ContractListQuery,
    answers: { 200: schemas.ContractListAnswer },
    answer: async ({ request, holder }, { query }) => {
      const { limit, offset, cursor, status, phone_number } = query;
      refuseFarOffset(offset);
      const phoneNumber = phone_number === undefined ? undefined : contracts.phone(phone_number);
      const clients = holder?.bounds?.clients;
      let left = offset;
      let total: number | undefined;
      return await listAnswer({ request, holder }, {
        async read(after, limit, signal) {
          const page = { after, limit, offset: left, status, phoneNumber, clients, total };
          const part = await pages.contracts(page, signal);
          ({ offset: left, total } = part);
          return part;
        },
        after: cursor === undefined ? undefined : Number(cursor),
        limit,
        open: '{"contracts":[',
        close({ last, isFollowed }) {
          const next = isFollowed ? `,"next_cursor":"${last}"` : "";
          return `],"limit":${limit},"offset":${offset},"total":${total}${next}}`;
        },
      }, services);
    },
  });
}

/** @throws {Refused} 400 for an offset that would read too many contracts in vain */
function refuseFarOffset(offset: number): void {
  if (offset <= schemas.MOST_SKIPPED) return;
  const why = `an offset is ${schemas.MOST_SKIPPED} at most; go on with the next_cursor of a page`;
  throw new Refused(400, `Cannot skip ${offset} contracts: ${why}`, {
    errors: [{ field: "offset", message: why }],
  });
}

function created(contract: Contract): Response {
  const headers = { location: `${BASE}/${contract.id}` };
  return Response.json(contractAnswer(contract), { status: 201, headers });
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
