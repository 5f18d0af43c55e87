/**
 * Which hosts a server with these settings answers to.
 * @module
 */
import type { Config } from "../config/config.ts";
import type { HostRules } from "../http/guards/hosts.ts";

/**
 * On loopback a page could rebind a name to the server, and might need no key: only known names pass. On a
 * public address, on Deno Deploy and behind a proxy only the operator knows the names. A page under a
 * wrong name has no key there, so until `ALLOWED_HOSTS` names them every name passes.
 */
export function hostRules(
  { ALLOWED_HOSTS, BEHIND_PROXY, HOST, onLoopback }: Pick<
    Config,
    "ALLOWED_HOSTS" | "BEHIND_PROXY" | "HOST" | "onLoopback"
  >,
  needsKeys: boolean,
): HostRules {
  const anyName = needsKeys && (!onLoopback || BEHIND_PROXY);
  return { allowed: ALLOWED_HOSTS, listensOn: HOST, anyName };
}
