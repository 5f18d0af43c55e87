/**
 * The public key of a client: after its registration everything sent to the client is encrypted.
 * @module
 */
import { z } from "zod";
import type { ClientKey } from "../../encryption/client_key.ts";
import { CONTENT_ALGORITHM, PublicKey } from "../../encryption/public_key.ts";
import { Refused } from "../../http/problem.ts";
import { http, type HttpRoute, type Visit } from "../../http/route.ts";
import { e164OrText } from "../../phone/number.ts";
import { faultOfClientId } from "../doors/notifications.ts";
import { checkClient } from "../seen_client.ts";
import type { Services } from "../services.ts";

const PATH = "/api/v1/clients/:id/encryption_key";

/** A registered key. */
export const RegisteredKey = z.object({
  client_id: z.string().describe("In E.164, if it is a telephone number"),
  kid: z.string().describe("In the header of each JWE for this key"),
  alg: z.string().describe("How the key of each message is encrypted"),
  enc: z.literal(CONTENT_ALGORITHM).describe("How each message is encrypted"),
  thumbprint: z.string().describe("SHA-256 of the key (RFC 7638), in base64url"),
  registered_at: z.iso.datetime(),
}).meta({ id: "RegisteredKey", description: "The key that a client's messages are encrypted for" });

const Nothing = z.void().describe("Nothing");

/** The routes of clients' keys. */
export function encryptionKeyRoutes(
  { clientKeys, config }: Pick<Services, "clientKeys" | "config">,
): HttpRoute[] {
  const clientOf = ({ params, holder }: Visit): string => {
    const id = params["id"] ?? "";
    const fault = faultOfClientId(id);
    if (fault !== undefined) throw new Refused(400, fault);
    checkClient(id, holder, config.DEFAULT_COUNTRY);
    return e164OrText(id, config.DEFAULT_COUNTRY);
  };
  return [
    http({
      method: "PUT",
      path: PATH,
      summary: "Registers a client's public key, or replaces it: its messages are encrypted for it",
      scope: "notifications",
      body: PublicKey,
      answers: { 200: RegisteredKey },
      async answer(visit, { body }) {
        const key = await clientKeys.register(clientOf(visit), body, visit.actor);
        return Response.json(registeredKey(key));
      },
    }),
    http({
      method: "GET",
      path: PATH,
      summary: "Returns the public key that a client has registered",
      scope: "notifications",
      answers: { 200: RegisteredKey },
      answer(visit) {
        const clientId = clientOf(visit);
        const key = clientKeys.of(clientId);
        if (key === undefined) throw noKeyOf(clientId);
        return Response.json(registeredKey(key));
      },
    }),
    http({
      method: "DELETE",
      path: PATH,
      summary: "Removes a client's public key: later messages are sent in the clear",
      scope: "notifications",
      answers: { 204: Nothing },
      async answer(visit) {
        const clientId = clientOf(visit);
        if (!await clientKeys.remove(clientId, visit.actor)) throw noKeyOf(clientId);
        return new Response(null, { status: 204 });
      },
    }),
  ];
}

function noKeyOf(clientId: string): Refused {
  return new Refused(404, `Client ${clientId} has no encryption key`);
}

function registeredKey(
  { clientId, jwk, thumbprint, registeredAt }: ClientKey,
): z.input<typeof RegisteredKey> {
  return {
    client_id: clientId,
    kid: jwk.kid,
    alg: jwk.alg,
    enc: CONTENT_ALGORITHM,
    thumbprint,
    registered_at: registeredAt.toISOString(),
  };
}
