/**
 * JSON Web Tokens of an identity provider, or signed with a shared secret.
 * @see RFC 7519, RFC 8725, RFC 9068
 * @module
 */
import { createHash } from "node:crypto";
import { errors, type JWTPayload, jwtVerify, type JWTVerifyOptions } from "jose";
import { boundsOf } from "./bounds.ts";
import { type Holder, TOKEN_ID } from "./holder.ts";
import type { Jwks } from "./jwks.ts";
import { scopesAmong } from "./scopes.ts";

/** Which tokens are accepted. */
export interface TokensPorts {
  /** The provider's public keys, or the bytes of the shared secret. */
  readonly keys: Jwks | Uint8Array;
  readonly issuer: string;
  readonly audience: string;
  /** The accepted algorithms. A token's own word for it is only compared with these. */
  readonly algorithms: readonly string[];
  readonly now: () => Date;
  /** Reads national numbers as numbers of this country (ISO 3166-1). */
  readonly country: string | undefined;
}

/** How far the clocks of issuer and server may be apart. */
const TOLERANCE_S = 5;

/** Longer texts cost too much to check; no token of ours comes near. */
const TOKEN_CHARACTERS = 8192;

const NAME_CHARACTERS = 100;

/** How much of a digest tells two subjects apart that are printed alike (bytes). */
const MARK_BYTES = 16;
/** What the id of a subject ends with that cannot be printed as it is. */
const MARK = /~[0-9a-f]{32}$/;

/** What tokens look like: a header that is a JSON object, a payload and a signature, or no signature. */
const TOKEN = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;

/** Whether a text has the form of a token. */
export function looksLikeToken(text: string): boolean {
  return text.length <= TOKEN_CHARACTERS && TOKEN.test(text);
}

/** Reads tokens. */
export class Tokens {
  readonly #ports: TokensPorts;
  readonly #options: JWTVerifyOptions;

  constructor(ports: TokensPorts) {
    this.#ports = ports;
    this.#options = {
      issuer: ports.issuer,
      audience: ports.audience,
      algorithms: [...ports.algorithms],
      // Without an end a token would be a key that nobody can revoke; `sub` names its holder.
      requiredClaims: ["exp", "sub"],
      clockTolerance: TOLERANCE_S,
    };
  }

  /** The `iss` of every accepted token. */
  get issuer(): string {
    return this.#ports.issuer;
  }

  /**
   * The holder of a token; undefined when it is not valid now.
   * @throws {JwksUnavailable} when the provider's keys have never been fetched, and cannot be now
   */
  async find(token: string): Promise<Holder | undefined> {
    const { keys, now } = this.#ports;
    const options = { ...this.#options, currentDate: now() };
    try {
      const { payload } = keys instanceof Uint8Array
        ? await jwtVerify(token, keys, options)
        : await jwtVerify(token, (header, input) => keys.keyFor(header, input), options);
      return this.#holder(payload);
    } catch (error) {
      // A token of somebody else's making: it is refused like an unknown key.
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  /**
   * `scope` has the scopes; `client_id` binds to clients, and `numbers` to numbers, each a text or a
   * list. A claim of another form grants nothing.
   */
  #holder({ sub, exp, name, scope, client_id, numbers }: JWTPayload): Holder | undefined {
    if (typeof sub !== "string" || sub === "" || typeof exp !== "number") return undefined;
    const words = typeof scope === "string" ? scope.split(" ") : [];
    const bound = { clients: listIn(client_id), numbers: listIn(numbers) };
    return {
      id: TOKEN_ID + subjectId(sub),
      issuer: this.#ports.issuer,
      name: printable(typeof name === "string" && name !== "" ? name : sub),
      scopes: scopesAmong(words),
      bounds: boundsOf(bound, this.#ports.country),
      expiresAt: new Date(exp * 1000),
    };
  }
}

/** Undefined without the claim; a claim of another form names nobody, and so sees nothing. */
function listIn(claim: unknown): string[] | undefined {
  if (claim === undefined) return undefined;
  if (typeof claim === "string") return [claim];
  const isList = Array.isArray(claim) && claim.every((item) => typeof item === "string");
  return isList ? claim : [];
}

/** A subject as part of an id: as it is, or printable and marked, so that no two have the same. */
function subjectId(sub: string): string {
  const shown = printable(sub);
  if (shown === sub && !MARK.test(sub)) return sub;
  const mark = new Uint8Array(createHash("sha256").update(sub).digest()).subarray(0, MARK_BYTES);
  return `${shown}~${mark.toHex()}`;
}

/** A name as it stands in logs and records. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "").slice(0, NAME_CHARACTERS);
}
