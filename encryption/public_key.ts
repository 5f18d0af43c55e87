/**
 * The public key of a client, as a JWK, and its validation.
 * @see RFC 7517, RFC 7518
 * @module
 */
import { z } from "zod";

/** How the key of each message is encrypted. A client chooses one with its key. */
export const KEY_ALGORITHMS = ["ECDH-ES+A256KW", "RSA-OAEP-256"] as const;
/** How each message is encrypted. */
export const CONTENT_ALGORITHM = "A256GCM";

/**
 * An RSA key of 2,048 bits, secure until 2030 (NIST SP 800-57), to 8,192: longer ones only cost us
 * time. The first bit is set, because a number has no leading zeros (RFC 7518, section 6.3.1.1).
 */
const RSA_MODULUS = /^[g-z0-9_-][A-Za-z0-9_-]{341,1365}$/;
/** The only exponent in use, 65,537. A smaller one helps an attacker. */
const RSA_EXPONENT = "AQAB";

/** Members of a JWK that only its owner may know (RFC 7518, sections 6.2.2, 6.3.2 and 6.4). */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] as const;

const base64url = (characters: number) =>
  z.string().regex(
    new RegExp(`^[A-Za-z0-9_-]{${characters}}$`),
    `${characters} characters of base64url`,
  );

const common = {
  kid: z.string().min(1).max(128).regex(/^[ -~]+$/, "printable ASCII").optional()
    .describe("Returned in the header of each JWE; the key's thumbprint (RFC 7638) without it"),
  use: z.literal("enc").optional(),
};

const P256Key = z.looseObject({
  kty: z.literal("EC"),
  alg: z.literal("ECDH-ES+A256KW"),
  crv: z.literal("P-256"),
  x: base64url(43),
  y: base64url(43),
  ...common,
}).meta({ id: "P256EncryptionKey", description: "A key on the curve P-256" });

const P384Key = z.looseObject({
  kty: z.literal("EC"),
  alg: z.literal("ECDH-ES+A256KW"),
  crv: z.literal("P-384"),
  x: base64url(64),
  y: base64url(64),
  ...common,
}).meta({ id: "P384EncryptionKey", description: "A key on the curve P-384" });

const X25519Key = z.looseObject({
  kty: z.literal("OKP"),
  alg: z.literal("ECDH-ES+A256KW"),
  crv: z.literal("X25519"),
  x: base64url(43),
  ...common,
}).meta({ id: "X25519EncryptionKey", description: "A key of RFC 8037" });

const RsaKey = z.looseObject({
  kty: z.literal("RSA"),
  alg: z.literal("RSA-OAEP-256"),
  n: z.string().regex(RSA_MODULUS, "2,048 to 8,192 bits in base64url, without zeros in front"),
  e: z.literal(RSA_EXPONENT, `"${RSA_EXPONENT}", which is 65537`),
  ...common,
}).meta({ id: "RsaEncryptionKey", description: "An RSA key of 2,048 bits or more" });

/** A public key that passed the checks, without other members. */
export type PublicKey =
  & { readonly kid?: string; readonly use?: "enc" }
  & (
    | {
      readonly kty: "EC";
      readonly crv: "P-256" | "P-384";
      readonly x: string;
      readonly y: string;
    }
    | { readonly kty: "OKP"; readonly crv: "X25519"; readonly x: string }
    | { readonly kty: "RSA"; readonly n: string; readonly e: string }
  )
  & { readonly alg: typeof KEY_ALGORITHMS[number] };

const MEMBERS = ["kty", "alg", "crv", "x", "y", "n", "e", "kid", "use"];

/** The body of a registration. */
export const PublicKey = z.discriminatedUnion("kty", [
  z.discriminatedUnion("crv", [P256Key, P384Key]),
  X25519Key,
  RsaKey,
]).superRefine((jwk, { addIssue }) => {
  for (const name of PRIVATE_MEMBERS.filter((name) => Object.hasOwn(jwk, name))) {
    addIssue({
      code: "custom",
      path: [name],
      message: "part of a private key: keep it private, and register another key",
    });
  }
}).transform((jwk) => {
  const members = Object.entries(jwk).filter(([name]) => MEMBERS.includes(name));
  return Object.fromEntries(members) as unknown as PublicKey;
}).meta({
  id: "EncryptionKey",
  description: "A public key as a JWK (RFC 7517). Members that are not listed are ignored",
});
