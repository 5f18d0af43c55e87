/**
 * The secrets in the paths of the doors for calls, from the settings.
 * @module
 */
import { boundsOf } from "../../access/bounds.ts";
import type { Config } from "../../config/config.ts";
import { idOfSecret, PathSecrets } from "../../http/guards/path_secrets.ts";

/** Stands for every number in `INBOUND_SECRETS`. */
const EVERY_NUMBER = "*";

/** Each secret admits calls to its numbers only. */
export function inboundSecrets(
  { INBOUND_SECRETS, DEFAULT_COUNTRY }: Pick<Config, "INBOUND_SECRETS" | "DEFAULT_COUNTRY">,
): PathSecrets {
  const bySecret = Map.groupBy(INBOUND_SECRETS, ({ secret }) => secret);
  return new PathSecrets([...bySecret].map(([secret, rules]) => {
    const numbers = rules.map(({ number }) => number);
    const bounds = numbers.includes(EVERY_NUMBER)
      ? undefined
      : boundsOf({ numbers }, DEFAULT_COUNTRY);
    const holder = {
      id: idOfSecret("inbound", secret),
      name: "INBOUND_SECRETS",
      scopes: new Set(["line:inbound" as const]),
      bounds,
      expiresAt: null,
    };
    return { secret, holder };
  }));
}

/** The one secret of jambonz, if there is one. */
export function jambonzSecret(
  { JAMBONZ_SECRET: secret }: Pick<Config, "JAMBONZ_SECRET">,
): PathSecrets {
  if (secret === undefined) return new PathSecrets([]);
  const holder = {
    id: idOfSecret("jambonz", secret),
    name: "JAMBONZ_SECRET",
    scopes: new Set(["line:jambonz" as const]),
    bounds: undefined,
    expiresAt: null,
  };
  return new PathSecrets([{ secret, holder }]);
}
