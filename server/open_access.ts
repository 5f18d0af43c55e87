/**
 * Builds authentication.
 * @module
 */
import { Access } from "../access/access.ts";
import { Jwks } from "../access/jwks.ts";
import { ManagedKeys } from "../access/managed_keys.ts";
import { Tokens } from "../access/tokens.ts";
import type { Config } from "../config/config.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";

/** The server would listen beyond loopback without any authentication. */
export class NoKeys extends Error {
  override readonly name = "NoKeys";
}

/**
 * Opens the keys of the store, of the settings, and of an identity provider.
 * @throws {NoKeys} when there are none, and HOST is not loopback
 */
export async function openAccess(
  config: Config,
  store: Store,
  now: () => Date,
  report: Log["warn"],
): Promise<Access> {
  const keys = await ManagedKeys.open(store.keys, now);
  const tokens = tokensOf(config, now, report);
  const access = new Access({ apiKeys: config.API_KEYS, keys, tokens, now });
  if (access.isOpen && !config.onLoopback) {
    throw new NoKeys(
      `API_KEYS: one key or more, comma separated, since HOST is ${config.HOST}: without keys the ` +
        "server listens on loopback only; deno task keys create makes one in the database, and " +
        "AUTH_JWKS_URL or AUTH_SECRET accepts tokens",
    );
  }
  return access;
}

function tokensOf(config: Config, now: () => Date, report: Log["warn"]): Tokens | undefined {
  const { auth, DEFAULT_COUNTRY: country } = config;
  if (auth === undefined) return undefined;
  const { issuer, audience, algorithms } = auth;
  const keys = "secret" in auth
    ? new TextEncoder().encode(auth.secret)
    : new Jwks({ url: new URL(auth.jwksUrl), now, report });
  return new Tokens({ keys, issuer, audience, algorithms, now, country });
}
