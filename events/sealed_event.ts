/**
 * An event for a client that has registered a public key.
 * @module
 */
import { z } from "zod";

/** An event of which only the client can read more than its id. */
export const SealedEvent = z.object({
  id: z.number().int().positive().describe("Of the event: it is also in the plaintext"),
  jwe: z.string().describe("A JWE in compact form (RFC 7516); its plaintext is the event"),
}).meta({
  id: "SealedEvent",
  description: "An event, encrypted for a client that has registered a public key",
});
