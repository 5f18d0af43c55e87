/**
 * The public key of a client, as a JWK, and what is refused of it.
 * @see RFC 7517, RFC 7518
 * @module
 */
import { z } from "zod";

/** How the key of each message is encrypted. A client chooses one with its key. */
export const KEY_ALGORITHMS = ["ECDH-ES+A256KW", "RSA-OAEP-256"] as const;
/** How each message is encrypted. */
export const CONTENT_ALGORITHM = "A256GCM";

/** NIST SP 800-57: 2,048 bits are good until 2030. More than 8,192 would only cost us time. */
const RSA_BITS = { least: 2048, most: 8192 } as const;
/** The only exponent in use, 65,537. A smaller one helps an attacker. */
const RSA_EXPONENT = "AQAB";
/** The curves, with the characters of a coordinate in base64url. */
const EC_CURVES = { "P-256": 43, "P-384": 64 } as const;
const X25519_CHARACTERS = 43;

/** Members of a JWK that only its owner may know (RFC 7518, sections 6.2.2, 6.3.2 and 6.4). */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] as const;

const base64url = (characters: number) =>
  z.string().regex(
    new RegExp(`^[A-Za-z0-9_-]{${characters}}$`),
    `${characters} characters of base64url`,
  );

const kid = z.string().min(1).max(128).regex(/^[\x20-\x7e]+$/, "printable ASCII").optional()
  .describe("Comes back in the header of each JWE; the key's thumbprint (RFC 7638) without it");
const use = z.literal("enc").optional();

const members = { kid, use };

const EcKey = z.object({
  kty: z.literal("EC"),
  alg: z.literal("ECDH-ES+A256KW"),
  crv: z.enum(Object.keys(EC_CURVES) as (keyof typeof EC_CURVES)[]),
  x: z.string(),
  y: z.string(),
  ...members,
}).superRefine(({ crv, x, y }, { addIssue }) => {
  for (const [name, value] of Object.entries({ x, y })) {
    const found = base64url(EC_CURVES[crv]).safeParse(value);
    if (!found.success) {
      addIssue({ code: "custom", path: [name], message: found.error.issues[0]!.message });
    }
  }
}).meta({ id: "EcEncryptionKey", description: "An elliptic curve key" });

const X25519Key = z.object({
  kty: z.literal("OKP"),
  alg: z.literal("ECDH-ES+A256KW"),
  crv: z.literal("X25519"),
  x: base64url(X25519_CHARACTERS),
  ...members,
}).meta({ id: "X25519EncryptionKey", description: "A key of RFC 8037" });

const RsaKey = z.object({
  kty: z.literal("RSA"),
  alg: z.literal("RSA-OAEP-256"),
  n: z.string().max(2048).refine(
    (n) => bitsOf(n) >= RSA_BITS.least && bitsOf(n) <= RSA_BITS.most,
    {
      error: ({ input }) =>
        `${RSA_BITS.least} to ${RSA_BITS.most} bits; it has ${bitsOf(String(input))}`,
    },
  ),
  e: z.literal(RSA_EXPONENT, `"${RSA_EXPONENT}", which is 65537`),
  ...members,
}).meta({ id: "RsaEncryptionKey", description: "An RSA key of 2,048 bits or more" });

/** The body of a registration. */
export const PublicKey = z.unknown().superRefine((jwk, { addIssue }) => {
  if (typeof jwk !== "object" || jwk === null) return;
  for (const name of PRIVATE_MEMBERS.filter((name) => Object.hasOwn(jwk, name))) {
    addIssue({
      code: "custom",
      path: [name],
      message: "part of a private key: keep it to yourself, and register another key",
    });
  }
}).pipe(z.discriminatedUnion("kty", [EcKey, X25519Key, RsaKey])).meta({
  id: "EncryptionKey",
  description: "A public key as a JWK (RFC 7517). Members that are not listed are ignored",
});
/** A public key that passed the checks. */
export type PublicKey = z.output<typeof PublicKey>;

/** The length of a number in base64url, without leading zeros; 0 for what is no base64url. */
function bitsOf(number: string): number {
  if (!/^[A-Za-z0-9_-]*$/.test(number) || number.length % 4 === 1) return 0;
  const bytes = Uint8Array.fromBase64(number, { alphabet: "base64url" });
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first]!) - 24);
}
