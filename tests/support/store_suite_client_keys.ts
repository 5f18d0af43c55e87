/**
 * The requirements for every store: the public keys of clients.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { ClientKey } from "../../encryption/client_key.ts";
import { BUYER, later, type OpenStore, SELLER, START } from "./store_samples.ts";

/** Declares the tests. */
export function clientKeySuite(name: string, open: OpenStore): void {
  const sampleKey = (clientId: string, kid: string): ClientKey => ({
    clientId,
    jwk: { kty: "OKP", alg: "ECDH-ES+A256KW", crv: "X25519", x: "A".repeat(43), kid },
    thumbprint: `thumbprint of ${kid}`,
    registeredAt: START,
  });

  Deno.test(`clientKeyStore keeps the latest key of each client (${name})`, async () => {
    await using opened = await open();
    const { clientKeys } = opened.store;
    assertEquals(await clientKeys.all(), []);
    const newer = { ...sampleKey(BUYER, "b"), registeredAt: later(1) };
    await clientKeys.put(sampleKey(BUYER, "a"), "rest");
    await clientKeys.put(sampleKey(SELLER, "c"), "rest");
    await clientKeys.put(newer, "rest");
    assertEquals(await clientKeys.all(), [newer, sampleKey(SELLER, "c")]);
  });

  Deno.test(`clientKeyStore.remove() removes a key once (${name})`, async () => {
    await using opened = await open();
    const { clientKeys } = opened.store;
    await clientKeys.put(sampleKey(BUYER, "a"), "rest");
    assertEquals(await clientKeys.remove(BUYER, later(1), "rest"), true);
    assertEquals(await clientKeys.remove(BUYER, later(2), "rest"), false);
    assertEquals(await clientKeys.all(), []);
  });
}
