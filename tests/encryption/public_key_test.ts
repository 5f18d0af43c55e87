/** The keys that a client may register, and those that are refused. */
import { assert, assertEquals } from "@std/assert";
import { exportJWK, generateKeyPair } from "jose";
import { PublicKey } from "../../encryption/public_key.ts";
import { KEY_FORMS, KeyHolder } from "../support/key_holder.ts";

const fieldsOf = (jwk: unknown) =>
  PublicKey.safeParse(jwk).error?.issues.map(({ path }) => path.join("."));

Deno.test("PublicKey accepts P-256, P-384 and X25519 for ECDH, and RSA for OAEP", async () => {
  for (const form of KEY_FORMS) {
    const { jwk } = await KeyHolder.make(form);
    assertEquals(PublicKey.parse(jwk) as unknown, jwk);
    assertEquals(PublicKey.parse({ ...jwk, kid: "mine", use: "enc", ext: true }).kid, "mine");
  }
});

Deno.test("PublicKey refuses every other algorithm, and one that does not fit the key type", async () => {
  const { jwk: ec } = await KeyHolder.make(KEY_FORMS[0]);
  for (
    const alg of [undefined, "none", "dir", "ECDH-ES", "ECDH-ES+A128KW", "RSA-OAEP-256", "ES256"]
  ) {
    assertEquals(fieldsOf({ ...ec, alg }), ["alg"], alg);
  }
  const { jwk: rsa } = await KeyHolder.make(KEY_FORMS[3]);
  for (const alg of ["RSA1_5", "RSA-OAEP", "RSA-OAEP-512", "ECDH-ES+A256KW", "RS256", "HS256"]) {
    assertEquals(fieldsOf({ ...rsa, alg }), ["alg"], alg);
  }
  assertEquals(fieldsOf({ kty: "oct", alg: "A256KW" }), ["kty"]);
  assertEquals(fieldsOf({ ...ec, use: "sig" }), ["use"]);
});

Deno.test("PublicKey refuses weak RSA keys", async () => {
  for (const bits of [512, 1024]) {
    // WebCrypto makes none so short: only the length of the number counts here.
    const n = new Uint8Array(bits / 8).fill(0xff).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
    assertEquals(fieldsOf({ kty: "RSA", alg: "RSA-OAEP-256", n, e: "AQAB" }), ["n"], `${bits}`);
  }
  const { jwk } = await KeyHolder.make(KEY_FORMS[3]);
  // 2,048 bits are written in 342 characters; zeros in front make a short number no stronger.
  const short = new Uint8Array(256).fill(1, 200).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  assertEquals(short.length, jwk.n!.length);
  assertEquals(fieldsOf({ ...jwk, n: short }), ["n"]);
  for (const n of ["", "A", "+/".repeat(171), "_".repeat(2049)]) {
    assertEquals(fieldsOf({ ...jwk, n })?.[0], "n", n);
  }
  assertEquals(fieldsOf({ ...jwk, e: "Aw" }), ["e"]);
});

Deno.test("PublicKey refuses other curves, and coordinates of the wrong length", async () => {
  const p521 = await generateKeyPair("ECDH-ES+A256KW", { crv: "P-521", extractable: true });
  const jwk = { ...await exportJWK(p521.publicKey), alg: "ECDH-ES+A256KW" };
  assertEquals(fieldsOf(jwk), ["crv"]);
  assertEquals(fieldsOf({ ...jwk, crv: "secp256k1" }), ["crv"]);
  assertEquals(fieldsOf({ ...jwk, crv: "P-256" }), ["x", "y"]);
});

Deno.test("PublicKey refuses a private key, and names its secret members", async () => {
  for (const form of KEY_FORMS) {
    const { privateKey } = await generateKeyPair(form.alg, { extractable: true, ...form });
    const jwk = { ...await exportJWK(privateKey), alg: form.alg };
    const { error } = PublicKey.safeParse(jwk);
    const fields = error?.issues.map(({ path }) => path[0]);
    assertEquals(fields, ["d", "p", "q", "dp", "dq", "qi"].filter((name) => name in jwk));
    assert(!error!.message.includes(jwk.d!), "the secret is not repeated");
  }
});
