/**
 * What the server runs with: the settings, checked, with those that depend on others.
 * @module
 */
import type { z } from "zod";
import { type Auth, readAuth } from "../access/auth.ts";
import { e164OrText, toE164 } from "../phone/number.ts";
import { JOIN_NUMBERS_FORM } from "./call_settings.ts";
import { PER_ADDRESS } from "./limit_settings.ts";
import { Settings } from "./settings.ts";
import { faultOf, WrongSettings } from "./wrong_settings.ts";

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1|\[::1\])$/;

type PerAddress = "LIMIT_CONNECTIONS_PER_ADDRESS" | "LIMIT_HANDSHAKES_PER_ADDRESS";

/** Settings that depend on others when they are not set. */
type Resolved = "HOST" | "PORT" | "TRANSPORT" | PerAddress;

/** What the server runs with. */
export type Config = Omit<z.output<typeof Settings>, Resolved> & {
  readonly HOST: string;
  readonly onLoopback: boolean;
  readonly TRANSPORT: "native" | "hardened";
  readonly LIMIT_CONNECTIONS_PER_ADDRESS: number;
  readonly LIMIT_HANDSHAKES_PER_ADDRESS: number;
  /** Which tokens are accepted; undefined for none. */
  readonly auth: Auth | undefined;
};

/**
 * Checks the settings. An empty one counts as not set.
 * @throws {WrongSettings} with every wrong setting
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => name in Settings.shape && value),
  );
  const parsed = Settings.safeParse(set);
  const faults = (parsed.error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0]);
    return faultOf(name, message, set[name] ?? "");
  });
  const joinNumbers = readJoinNumbers(set, faults);
  const auth = readAuth(parsed.data ?? {}, (name, why) => faults.push(`${name}: ${why}`));
  if (!parsed.success || faults.length > 0) throw new WrongSettings(faults);
  const { PORT, HOST, ...settings } = parsed.data;
  // Deno Deploy chooses the address, and gives one port.
  const deployed = environment["DENO_DEPLOYMENT_ID"] !== undefined;
  const host = HOST ?? (deployed ? "0.0.0.0" : "127.0.0.1");
  const onLoopback = LOOPBACK.test(host);
  // Deno Deploy stands between the strangers and us, and has only its own server.
  const isGuarded = onLoopback || deployed || settings.BEHIND_PROXY;
  const transport = settings.TRANSPORT !== "auto"
    ? settings.TRANSPORT
    : isGuarded
    ? "native"
    : "hardened";
  const ports = PORT !== undefined
    ? [PORT]
    : deployed
    ? settings.PORTS.slice(0, 1)
    : settings.PORTS;
  const ofAddress = (set: number | undefined, preset: number) =>
    set ?? (onLoopback ? Infinity : preset);
  const { LIMIT_CONNECTIONS_PER_ADDRESS: connections, LIMIT_HANDSHAKES_PER_ADDRESS: handshakes } =
    settings;
  return {
    ...settings,
    TRANSPORT: transport,
    JOIN_NUMBERS: joinNumbers,
    PORTS: ports,
    HOST: host,
    onLoopback,
    auth,
    LIMIT_CONNECTIONS_PER_ADDRESS: ofAddress(connections, PER_ADDRESS.connections),
    LIMIT_HANDSHAKES_PER_ADDRESS: ofAddress(handshakes, PER_ADDRESS.handshakes),
  };
}

/** The numbers of users by name. A name may itself be a number. */
function readJoinNumbers(
  set: Readonly<Record<string, string | undefined>>,
  faults: string[],
): Map<string, string> {
  const written = Settings.shape.JOIN_NUMBERS.safeParse(set["JOIN_NUMBERS"]).data ?? new Map();
  const country = Settings.shape.DEFAULT_COUNTRY.safeParse(set["DEFAULT_COUNTRY"]).data;
  const numbers = new Map<string, string>();
  for (const [index, [user, text]] of [...written].entries()) {
    const number = toE164(text, country);
    if (number !== null) numbers.set(e164OrText(user, country), number);
    else faults.push(`JOIN_NUMBERS: ${JOIN_NUMBERS_FORM}; pair ${index + 1} has no number`);
  }
  return numbers;
}
