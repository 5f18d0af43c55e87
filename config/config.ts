/**
 * Every setting: read once from the environment and `.env`, checked by one schema.
 * @module
 */
import { parseEnv } from "node:util";
import { z } from "zod";
import { type Auth, readAuth, SIGNATURES } from "../access/auth.ts";
import { isAddressOrCidr } from "../http/guards/address.ts";
import { CALLBACK_ALGORITHMS } from "../http/guards/callback_signature.ts";
import { isHostRule } from "../http/guards/hosts.ts";
import { isOriginRule } from "../http/guards/origins.ts";
import { e164OrText, isCountry, toE164 } from "../phone/number.ts";
import { DOCUMENT_TIMELINE } from "../protocols/inbound_call/ports.ts";
import { DEFAULT_JAMBONZ_TIMES } from "../protocols/jambonz/ports.ts";
import { JSON_BOUNDS } from "../session/json_bounds.ts";
import { DEFAULT_LIMITS } from "../session/limits.ts";
import { isAllowance } from "../webhooks/targets.ts";
import { WEBHOOK_LIMITS } from "../webhooks/limits.ts";

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1|\[::1\])$/;

const JOIN_NUMBERS_FORM = "user=+E164 pairs, comma separated";

const list = z.string().transform((text) =>
  text.split(",").map((item) => item.trim()).filter((item) => item !== "")
);

/** A whole number in a range. */
function whole(least: number, most: number, preset: number) {
  return z.string().regex(/^\d+$/, `a whole number from ${least} to ${most}`)
    .transform(Number).pipe(z.number().min(least).max(most)).default(preset);
}

/** On loopback all clients, and all those of a proxy, have one address. */
const PER_ADDRESS = { connections: 1000, handshakes: 100 } as const;

/** A whole number; where strangers reach the server there is always one. */
function count(description: string, preset: number) {
  return z.string().regex(/^\d+$/, "a whole number").transform(Number).pipe(z.number().min(1))
    .optional().meta({ description, preset: `${preset}; no limit on loopback` });
}

/** A secret that somebody has to guess. */
const secret = z.string().min(16, "16 characters or more");

/** A secret that is a segment of a path: no character of it needs escaping. */
const PATH_SECRET = /^[\w.~-]{16,128}$/;
const PATH_SECRET_FORM = "16 to 128 letters, digits and . _ ~ -";

/** `5000=secret`: a number, or `*`, and the secret of calls to it. */
const numberSecret = z.string().transform((text, context) => {
  const at = text.indexOf("=");
  const [number, secret] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()];
  if (number !== "" && PATH_SECRET.test(secret)) return { number, secret };
  context.addIssue(`number=secret pairs, comma separated; a secret has ${PATH_SECRET_FORM}`);
  return z.NEVER;
});

const headerName = z.string().regex(/^[\w-]+$/, "the name of a header").toLowerCase();

/** Addresses and CIDRs; all without any. */
function addresses(description: string) {
  return list.pipe(
    z.array(z.string().refine(isAddressOrCidr, "addresses and CIDRs, comma separated")),
  ).default([]).describe(`${description}: addresses, CIDRs; empty for all`);
}

/** Milliseconds, or `never`. */
function ms(description: string, preset: number) {
  return z.string().regex(/^(\d+|never)$/, "milliseconds, or never")
    .transform((text) => text === "never" ? Infinity : Number(text))
    .default(preset).describe(`${description} (ms, or \`never\`)`);
}

/** `yes` or `no`, which is the default. */
function yesOrNo(description: string) {
  return z.enum(["yes", "no"]).default("no").transform((word) => word === "yes")
    .meta({ description: `${description}: yes, no`, preset: "no" });
}

/** `inbound:5000=apps/ivr.ts`: a line, a number called or a path, and the file of an app. */
const appRule = z.string().transform((text, context) => {
  const rule = /^(inbound|jambonz)(?::([^=]+))?=(.+)$/.exec(text);
  if (rule !== null) {
    return { line: rule[1] as "inbound" | "jambonz", called: rule[2], file: rule[3]! };
  }
  context.addIssue("line=file or line:number=file, comma separated; lines are inbound and jambonz");
  return z.NEVER;
});

const port = z.string().regex(/^\d+$/, "a port from 0 to 65535").transform(Number)
  .pipe(z.number().max(65535, "a port from 0 to 65535"));

/** The settings by their names in the environment. */
export const Settings = z.object({
  HOST: z.string().min(1).optional().meta({
    description: "The address to listen on; anything but loopback needs keys",
    preset: "127.0.0.1",
  }),
  PORTS: list.pipe(z.array(port).min(1, "one port or more, comma separated")).default([8000, 4143])
    .describe("Ports, comma separated: every door is on each"),
  PORT: port.optional()
    .describe("The only port, where the platform gives just one; overrides PORTS"),
  TRANSPORT: z.enum(["auto", "native", "hardened"]).default("auto").describe(
    "Who serves the connections: native, which is Deno's own server; hardened, which bounds what " +
      "strangers can do before a request is whole; auto, native on loopback and behind a proxy, " +
      "else hardened",
  ),
  DATABASE_URL: z.string().regex(/^sqlite:.+$/, "sqlite:PATH, or sqlite::memory:")
    .default("sqlite:data/tipring.db").describe(
      "The database: `sqlite:PATH`, or `sqlite::memory:`, which stores nothing; " +
        "outside `data`, name the folder in the task's `--allow-read` and `--allow-write`",
    ),
  API_KEYS: list.default([])
    .describe(
      "Keys for everything, comma separated; with these, with keys of `deno task keys create` or " +
        "with AUTH_ settings, every door and REST require one",
    ),
  AUTH_JWKS_URL: z.url({ protocol: /^https?$/ }).optional().describe(
    "Where an identity provider publishes its keys: its tokens (JWT) are then accepted as keys; " +
      "needs AUTH_ISSUER and AUTH_AUDIENCE",
  ),
  AUTH_SECRET: z.string().min(32, "32 characters or more").optional().describe(
    "The secret of tokens (JWT) that are signed with one, in place of AUTH_JWKS_URL; " +
      "needs AUTH_ISSUER and AUTH_AUDIENCE",
  ),
  AUTH_ISSUER: z.string().min(1).optional().describe("The `iss` of every accepted token"),
  AUTH_AUDIENCE: z.string().min(1).optional()
    .describe("What every accepted token names in its `aud`"),
  AUTH_ALGORITHMS: list.pipe(z.array(z.enum(SIGNATURES))).optional().meta({
    description: "The accepted algorithms of tokens, comma separated: of public keys with " +
      "AUTH_JWKS_URL (by default RS256, PS256, ES256, EdDSA), HS256, HS384 or HS512 with AUTH_SECRET",
    preset: "",
  }),
  ALLOWED_ORIGINS: list.pipe(
    z.array(
      z.string().refine(isOriginRule, "https://host, http://host:port or *, comma separated"),
    ),
  ).default([]).describe(
    "Origins of browser pages that may use doors and REST, besides our own; a page on another port " +
      "of this machine needs it too; `*` allows all",
  ),
  ALLOWED_HOSTS: list.pipe(
    z.array(z.string().refine(isHostRule, "names, *.names, addresses or *, comma separated")),
  ).default([]).describe(
    "The names that requests may call this server by, besides loopback and HOST; `*` allows all. " +
      "Empty: no others on loopback, every name elsewhere and behind a proxy, where keys are needed",
  ),
  BEHIND_PROXY: yesOrNo(
    "Whether a proxy that bounds its clients and writes X-Forwarded-For stands before the server",
  ),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info")
    .describe("The lowest level that is logged: debug, info, warn, error"),
  LOG_FORMAT: z.enum(["auto", "json", "text"]).default("auto")
    .describe("json, text, or auto: text on a terminal"),
  DEFAULT_COUNTRY: z.string().regex(/^[A-Z]{2}$/, "two capital letters, such as KE")
    .refine(isCountry, "a country by ISO 3166-1, such as KE").optional()
    .describe(
      "The country (ISO 3166-1, such as KE) of every number that comes in national form, " +
        "such as 0712…",
    ),
  APP: z.string().min(1).optional().describe(
    "The call app of every call, such as apps/ivr.ts; by default each line has its own behaviour",
  ),
  APPS: list.pipe(z.array(appRule)).default([]).describe(
    "Call apps by line, or by number called or jambonz path; they override APP: " +
      "`inbound:5000=apps/ivr.ts,jambonz=apps/screening.ts,jambonz:/sales=apps/echo.ts`",
  ),
  APP_RELOAD: yesOrNo("Whether the next call loads an app that has changed"),
  APP_ANSWERS_WITHIN_MS: ms(
    "How long an app may let an inbound call ring",
    DOCUMENT_TIMELINE.appAnswersWithinMs,
  ),
  RECORD: z.enum(["asked", "all"]).default("asked").describe(
    "Which calls are recorded: asked, those whose app or REST asks; all, from the answer on",
  ),
  RECORDINGS: z.string().min(1).default("data/recordings").describe(
    "The folder of recordings, one WAV file per recorded call; " +
      "outside `data`, name it in the task's `--allow-read` and `--allow-write`",
  ),
  INBOUND_ANSWER_AFTER_MS: ms("From incoming_call to our answer", DOCUMENT_TIMELINE.answerAfterMs),
  INBOUND_DTMF_AFTER_MS: ms("From the answer to our tone", DOCUMENT_TIMELINE.dtmfAfterMs),
  INBOUND_DTMF_DIGIT: z.enum([..."0123456789*#"]).default(DOCUMENT_TIMELINE.dtmfDigit)
    .describe("The tone: 0-9, *, #"),
  INBOUND_DTMF_DURATION_MS: whole(1, 1000, DOCUMENT_TIMELINE.dtmfDurationMs)
    .describe("How long the tone is (ms)"),
  INBOUND_HANGUP_AFTER_MS: ms("From the answer to our hangup", DOCUMENT_TIMELINE.hangupAfterMs),
  INBOUND_CDR_WAIT_MS: ms(
    "How long we wait for the CDR of a call that is over before we write our own",
    DOCUMENT_TIMELINE.cdrWaitMs,
  ),
  INBOUND_IDLE_MS: ms("How long an inbound call may say nothing before it is closed", 120_000),
  INBOUND_SECRETS: list.pipe(z.array(numberSecret)).default([]).describe(
    "Secrets for platforms that take only a URL: `5000=secret,+254712000000=secret,*=secret`; " +
      "`/inbound/secret` brings calls to its numbers, and the door is then closed without a key",
  ),
  INBOUND_FROM: addresses("The addresses that may bring inbound calls"),
  JAMBONZ_PATH: z.string().regex(/^(\/[\w\-.]+)+$/, "a path such as /jambonz").default("/jambonz")
    .describe("Where a jambonz server finds its application"),
  JAMBONZ_SECRET: z.string().regex(PATH_SECRET, PATH_SECRET_FORM).optional().describe(
    "A secret behind `JAMBONZ_PATH`, such as `/jambonz/secret`, in place of a key; " +
      "the door is then closed without either",
  ),
  JAMBONZ_AUDIO_URL: z.url({ protocol: /^(wss?|https?)$/ }).optional().describe(
    "Where jambonz opens the socket for a call's audio; by default `JAMBONZ_PATH` plus " +
      "`/audio`, on the host that jambonz connected to",
  ),
  JAMBONZ_SESSION_DEADLINE_MS: whole(1, 5000, DEFAULT_JAMBONZ_TIMES.sessionDeadlineMs)
    .describe("How long the application has for session:new (ms); jambonz gives up after 5000"),
  JAMBONZ_HOOK_DEADLINE_MS: whole(1, 5000, DEFAULT_JAMBONZ_TIMES.hookDeadlineMs)
    .describe("How long the application has for a hook before an empty ack (ms)"),
  JAMBONZ_RECONNECT_WAIT_MS: ms(
    "How long a lost jambonz call may take to come back before it counts as over; later it continues all the same",
    15_000,
  ),
  JOIN_NUMBERS: list.pipe(
    z.array(z.string().regex(/^[^=]+=[^=]+$/, JOIN_NUMBERS_FORM)),
  ).transform((pairs) => new Map(pairs.map((pair) => pair.split("=") as [string, string])))
    .default(new Map()).describe(
      "The numbers of users who join a call: `alice=+15551230000,…`; " +
        "`DEFAULT_COUNTRY` applies here too",
    ),
  PAYMENT_UPDATES_TO: z.enum(["everyone", "parties"]).default("everyone")
    .describe("Who hears of a payment: everyone connected, or the contract's parties"),
  PAYMENT_CALLBACK_SECRET: secret.optional().describe(
    "The secret of the HMAC with which the provider signs its callbacks: one that is signed needs no " +
      "key, and one without a key must be signed",
  ),
  PAYMENT_CALLBACK_HEADER: headerName.default("x-signature")
    .describe("The header with that HMAC: hex or base64, alone, as `sha256=…` or as `t=…,v1=…`"),
  PAYMENT_CALLBACK_ALGORITHM: z.enum(CALLBACK_ALGORITHMS).default("sha256")
    .describe("Its hash function: sha256, sha512, sha1"),
  PAYMENT_CALLBACK_TIMESTAMP_HEADER: headerName.optional().describe(
    "The header with the time of signing, where there is one; the HMAC is then that of `time.body`",
  ),
  PAYMENT_CALLBACK_TOLERANCE_S: whole(1, 86_400, 300)
    .describe("How old the time of signing may be (s); older callbacks may be replayed ones"),
  PAYMENT_CALLBACK_FROM: addresses("The addresses that may post callbacks"),
  WEBHOOK_ALLOW_PRIVATE: list.pipe(
    z.array(z.string().refine(isAllowance, "addresses, CIDRs, host names or *, comma separated")),
  ).default([]).describe(
    "Private targets that webhooks may have: addresses, CIDRs, host names; `*` allows all",
  ),
  LIMIT_HEADERS_MS: whole(100, 600_000, 10_000)
    .describe("How long a client may take to send the head of a request (ms); hardened only"),
  LIMIT_CLOSE_MS: whole(100, 600_000, DEFAULT_LIMITS.closingMs)
    .describe("How long a peer may take to answer our close frame (ms); hardened only"),
  LIMIT_TEXT_BYTES: whole(1024, 16 * 1024 ** 2, DEFAULT_LIMITS.textBytes)
    .describe("The longest text frame (bytes); the jambonz door takes 256 KiB at least"),
  LIMIT_AUDIO_BYTES: whole(320, 16 * 1024 ** 2, DEFAULT_LIMITS.audioBytes)
    .describe("The longest binary frame (bytes)"),
  LIMIT_AUDIO_BYTES_PER_SECOND: whole(16_000, 1024 ** 3, DEFAULT_LIMITS.audioBytesPerSecond)
    .describe(
      "Audio per second and socket, sustained (bytes); more is dropped, and a second's worth of it " +
        "closes the socket",
    ),
  LIMIT_AUDIO_FRAMES_PER_SECOND: whole(50, 1_000_000, DEFAULT_LIMITS.audioFramesPerSecond)
    .describe("Binary frames per second and socket, sustained, in the same way"),
  LIMIT_CONNECTIONS: whole(1, 1_000_000, 10_000)
    .describe("Sockets and requests at once; more are answered with 503"),
  LIMIT_CONNECTIONS_PER_ADDRESS: count(
    "Those of one address; more are answered with 429",
    PER_ADDRESS.connections,
  ),
  LIMIT_CONNECTIONS_PER_KEY: whole(1, 1_000_000, 5000)
    .describe("Those of one key; more are answered with 429"),
  LIMIT_CONNECTIONS_PER_CLIENT: whole(1, 1_000_000, 100)
    .describe("Sockets of one client of the notifications door; more are answered with 429"),
  LIMIT_HANDSHAKES_PER_SECOND: whole(1, 1_000_000, 1000).describe(
    "Handshakes of WebSockets per second, sustained, and twice as many at once; more are answered " +
      "with 503",
  ),
  LIMIT_HANDSHAKES_PER_ADDRESS: count(
    "Those of one address per second; more are answered with 429",
    PER_ADDRESS.handshakes,
  ),
  LIMIT_WRONG_KEYS_PER_MINUTE: whole(1, 1_000_000, 20).describe(
    "Wrong keys per minute and address; then every request with a key gets 429 until the minute " +
      "is over",
  ),
  LIMIT_CALLS: whole(1, 1_000_000, 2000).describe("Calls at once; more are hung up"),
  LIMIT_CALLS_PER_NUMBER: whole(1, 1_000_000, 500)
    .describe("Calls at once to one number, and from one; more are hung up"),
  LIMIT_CALLS_PER_KEY: whole(1, 1_000_000, 1000)
    .describe("Calls at once that one key brings; more are hung up"),
  LIMIT_MEMORY_MIB: whole(64, 1024 ** 2, 2048).describe(
    "Resident memory (MiB): from three quarters of it on watchers are refused, beyond it new calls; " +
      "calls in progress go on",
  ),
  LIMIT_FIRST_MESSAGE_MS: ms(
    "How long a call's socket may take to its first message before it is closed",
    10_000,
  ),
  LIMIT_TEXT_BYTES_PER_SECOND: whole(1024, 1024 ** 3, DEFAULT_LIMITS.textBytesPerSecond).describe(
    "Text per second and socket, sustained (bytes), and twice as much at once; more closes the socket",
  ),
  LIMIT_CALL_MS: ms("How long a call may last before it is ended", 4 * 3_600_000),
  LIMIT_JSON_LEVELS: whole(8, 1000, JSON_BOUNDS.levels)
    .describe("How deep JSON may be nested, in bodies and text frames"),
  LIMIT_JSON_VALUES: whole(100, 10_000_000, JSON_BOUNDS.values)
    .describe("How many values JSON may hold"),
  LIMIT_JSON_KEYS: whole(100, 10_000_000, JSON_BOUNDS.keys)
    .describe("How many members the objects of JSON may have, in all"),
  LIMIT_JSON_CHARACTERS: whole(100, 16 * 1024 ** 2, JSON_BOUNDS.characters)
    .describe("How long a text in JSON may be, or the name of a member (characters)"),
  LIMIT_BODY_BYTES: whole(1024, 64 * 1024 ** 2, 256 * 1024).describe(
    "The longest body of a request (bytes); a longer one is answered with 413, and its connection " +
      "closed",
  ),
  LIMIT_BODY_MS: whole(100, 600_000, 10_000).describe(
    "How long a body may take (ms); a slower one is answered with 408, and its connection closed",
  ),
  LIMIT_WEBHOOKS: whole(1, 10_000, WEBHOOK_LIMITS.all).describe("Webhooks in all"),
  LIMIT_WEBHOOKS_PER_KEY: whole(1, 10_000, WEBHOOK_LIMITS.ofKey)
    .describe("Webhooks that one key may have"),
  LIMIT_IDLE_AUDIO_MS: ms(
    "How long jambonz may bring no audio on a call's audio socket before it is closed",
    600_000,
  ),
  LIMIT_INBOX_EVENTS: whole(16, 1_000_000, DEFAULT_LIMITS.inboxEvents)
    .describe("How many events may wait in a session's inbox"),
  LIMIT_MESSAGES_PER_SECOND: whole(1, 1_000_000, DEFAULT_LIMITS.messagesPerSecond)
    .describe("Text frames per second and socket, sustained; more closes the socket"),
  LIMIT_BUFFERED_BYTES: whole(64 * 1024, 1024 ** 3, DEFAULT_LIMITS.bufferedBytes)
    .describe("How much may wait for a slow peer before its socket is closed (bytes)"),
  REPLAYS_AT_ONCE: whole(1, 1000, 4)
    .describe(
      "How many replays, streams of missed events and whole transcripts read a page at once; the " +
        "others wait for their turn",
    ),
  READER_THREADS: whole(1, 16, 1)
    .describe("Threads that read lists and replays, and write their JSON"),
  LIMIT_LATE_AUDIO_MS: whole(20, 60_000, DEFAULT_LIMITS.lateAudioMs)
    .describe("Audio older than this is dropped (ms)"),
  LIMIT_CLIENT_KEYS: whole(1, 1_000_000, 50_000)
    .describe("How many clients may have an encryption key; each takes about a kilobyte of memory"),
  HEARTBEAT_MS: whole(1000, 600_000, DEFAULT_LIMITS.heartbeatMs)
    .describe(
      "A silent socket is pinged after half of this time and closed after all of it (ms); an " +
        "inbound call has INBOUND_IDLE_MS instead, unless that is never",
    ),
});

/** The name of every setting. */
export const SETTING_NAMES: readonly string[] = [
  ...Object.keys(Settings.shape),
  "DENO_DEPLOYMENT_ID",
];

/** Settings that hold keys or telephone numbers. */
const PRIVATE: ReadonlySet<string> = new Set([
  "API_KEYS",
  "AUTH_SECRET",
  "INBOUND_SECRETS",
  "JAMBONZ_SECRET",
  "JOIN_NUMBERS",
  "PAYMENT_CALLBACK_SECRET",
]);

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

/** Wrong settings, with what each expects. */
export class WrongSettings extends Error {
  override readonly name = "WrongSettings";

  /** `faults` are lines for a person: the setting, and what it expects. */
  constructor(readonly faults: readonly string[]) {
    super(faults.join("\n"));
  }
}

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
    return `${name}: ${message}${given(name, set[name] ?? "")}`;
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

/** The value at fault, without secrets. */
function given(name: string, value: string): string {
  if (PRIVATE.has(name)) return "";
  const shown = value.replace(/\/\/[^/@]*@/, "//…@");
  return `; it is "${shown.length > 100 ? `${shown.slice(0, 100)}…` : shown}"`;
}

/** Every name that is set in `.env`, and in the environment where it may be read. */
export function namesGiven(): string[] {
  const dotEnv = Object.keys(readDotEnv());
  try {
    return [...dotEnv, ...Object.keys(Deno.env.toObject())];
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return dotEnv;
    throw error;
  }
}

/** The environment; `.env` in the working directory fills the gaps. */
export function readEnvironment(): Record<string, string | undefined> {
  const set = SETTING_NAMES.map((name) => [name, Deno.env.get(name)] as const)
    .filter(([, value]) => value !== undefined);
  return { ...readDotEnv(), ...Object.fromEntries(set) };
}

function readDotEnv(): Record<string, string | undefined> {
  try {
    return parseEnv(Deno.readTextFileSync(".env"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
