/**
 * A whole server that takes tokens of an identity provider, and has no other keys.
 * @module
 */
import type { JWTPayload } from "jose";
import { AUDIENCE, claims, IdentityProvider, ISSUER, pairOf, sign } from "./identity_provider.ts";
import { KeyedServer } from "./keyed_server.ts";

/** How the server differs. */
export interface TokenServerOptions {
  /** How far its clock is ahead of ours. */
  readonly laterMs?: { now: number };
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts the provider and the server. `token` signs claims, which are valid for ten minutes. */
export async function serverWithTokens(
  { laterMs = { now: 0 }, settings = {} }: TokenServerOptions = {},
) {
  await using stack = new AsyncDisposableStack();
  const pair = await pairOf("k1");
  const provider = stack.use(new IdentityProvider(pair));
  const now = () => new Date(Date.now() + laterMs.now);
  const server = stack.use(
    await KeyedServer.start({
      settings: {
        API_KEYS: "",
        AUTH_JWKS_URL: provider.url,
        AUTH_ISSUER: ISSUER,
        AUTH_AUDIENCE: AUDIENCE,
        ...settings,
      },
      now,
    }),
  );
  const token = (more: JWTPayload) => sign(pair, claims(Date.now(), more));
  return { server, provider, token, stack: stack.move() };
}
