/**
 * The accepted tokens, from the settings.
 * @module
 */

/** The signature algorithms, for public keys and for a secret; never `none`. */
export const SIGNATURES = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const,
  ...["ES256", "ES384", "ES512", "EdDSA"] as const,
  ...["HS256", "HS384", "HS512"] as const,
] as const;

const DEFAULT_PUBLIC_KEY = ["RS256", "PS256", "ES256", "EdDSA"] as const;

/** The accepted tokens: signed by the keys behind a URL, or with a secret. */
export type Auth =
  & { readonly issuer: string; readonly audience: string; readonly algorithms: readonly string[] }
  & ({ readonly jwksUrl: string } | { readonly secret: string });

/** The settings about tokens. */
export interface AuthSettings {
  readonly AUTH_JWKS_URL?: string | undefined;
  readonly AUTH_SECRET?: string | undefined;
  readonly AUTH_ISSUER?: string | undefined;
  readonly AUTH_AUDIENCE?: string | undefined;
  readonly AUTH_ALGORITHMS?: readonly string[] | undefined;
}

/**
 * The accepted tokens; undefined for none. A secret is used only with algorithms for secrets:
 * otherwise a public key, which everybody knows, would count as one (RFC 8725, 2.1).
 * @param fault is called for each wrong setting
 */
export function readAuth(
  settings: AuthSettings,
  fault: (name: keyof AuthSettings, why: string) => void,
): Auth | undefined {
  const { AUTH_JWKS_URL: jwksUrl, AUTH_SECRET: secret, AUTH_ALGORITHMS: named } = settings;
  const { AUTH_ISSUER: issuer = "", AUTH_AUDIENCE: audience = "" } = settings;
  const isSecret = jwksUrl === undefined;
  if (isSecret && secret === undefined) return undefined;
  if (!isSecret && secret !== undefined) fault("AUTH_SECRET", "not together with AUTH_JWKS_URL");
  if (issuer === "") fault("AUTH_ISSUER", "the `iss` of every token, since tokens are on");
  if (audience === "") fault("AUTH_AUDIENCE", "what each token has in `aud`, since tokens are on");
  if (named?.some((name) => name.startsWith("HS") !== isSecret) || named?.length === 0) {
    const fit = isSecret ? "HS256, HS384, HS512" : "those of public keys, such as ES256";
    fault("AUTH_ALGORITHMS", `only ${fit}`);
  }
  const algorithms = named ?? (isSecret ? ["HS256"] : DEFAULT_PUBLIC_KEY);
  const common = { issuer, audience, algorithms };
  return isSecret ? { ...common, secret: secret! } : { ...common, jwksUrl };
}
