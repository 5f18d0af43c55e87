/**
 * Every setting: read once from the environment and `.env`, checked by one schema.
 * @module
 */
import { parseEnv } from "node:util";
import { z } from "zod";
import { e164OrText, isCountry, toE164 } from "./phone/number.ts";
import { DOCUMENT_TIMELINE } from "./protocols/inbound_call/ports.ts";
import { DEFAULT_JAMBONZ_TIMES } from "./protocols/jambonz/ports.ts";
import { DEFAULT_LIMITS } from "./session/limits.ts";
import { isAllowance } from "./webhooks/targets.ts";

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

/** Milliseconds, or `never`. */
function ms(description: string, preset: number) {
  return z.string().regex(/^(\d+|never)$/, "milliseconds, or never")
    .transform((text) => text === "never" ? Infinity : Number(text))
    .default(preset).describe(`${description} (ms, or \`never\`)`);
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
    description: "The address to listen on; anything but loopback needs API_KEYS",
    preset: "127.0.0.1",
  }),
  PORTS: list.pipe(z.array(port).min(1, "one port or more, comma separated")).default([8000, 4143])
    .describe("Ports, comma separated: every door is on each"),
  PORT: port.optional()
    .describe("The only port, where the platform gives just one; overrides PORTS"),
  DATABASE_URL: z.string().regex(/^sqlite:.+$/, "sqlite:PATH, or sqlite::memory:")
    .default("sqlite:data/tipring.db").describe(
      "The database: `sqlite:PATH`, or `sqlite::memory:`, which stores nothing; " +
        "outside `data`, name the folder in the task's `--allow-read` and `--allow-write`",
    ),
  API_KEYS: list.default([])
    .describe("Keys, comma separated; when set, every door and REST require one"),
  ALLOWED_ORIGINS: list.default([])
    .describe("Origins of browser pages that may open sockets, besides our own; `*` allows all"),
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
  APP_RELOAD: z.enum(["yes", "no"]).default("no").transform((word) => word === "yes").meta({
    description: "Whether the next call loads an app that has changed: yes, no",
    preset: "no",
  }),
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
  JAMBONZ_PATH: z.string().regex(/^(\/[\w\-.]+)+$/, "a path such as /jambonz").default("/jambonz")
    .describe("Where a jambonz server finds its application"),
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
  WEBHOOK_ALLOW_PRIVATE: list.pipe(
    z.array(z.string().refine(isAllowance, "addresses, CIDRs, host names or *, comma separated")),
  ).default([]).describe(
    "Private targets that webhooks may have: addresses, CIDRs, host names; `*` allows all",
  ),
  LIMIT_TEXT_BYTES: whole(1024, 16 * 1024 ** 2, DEFAULT_LIMITS.textBytes)
    .describe("The longest text frame (bytes); the jambonz door takes 256 KiB at least"),
  LIMIT_AUDIO_BYTES: whole(320, 16 * 1024 ** 2, DEFAULT_LIMITS.audioBytes)
    .describe("The longest binary frame (bytes)"),
  LIMIT_AUDIO_BYTES_PER_SECOND: whole(16_000, 1024 ** 3, DEFAULT_LIMITS.audioBytesPerSecond)
    .describe("Audio per second and socket, sustained (bytes); more is dropped"),
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
const PRIVATE: ReadonlySet<string> = new Set(["API_KEYS", "JOIN_NUMBERS"]);

/** What the server runs with. */
export type Config = Omit<z.output<typeof Settings>, "HOST" | "PORT"> & {
  readonly HOST: string;
  readonly onLoopback: boolean;
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
  if (!parsed.success || faults.length > 0) throw new WrongSettings(faults);
  const { PORT, HOST, ...settings } = parsed.data;
  // Deno Deploy chooses the address, and gives one port.
  const deployed = environment["DENO_DEPLOYMENT_ID"] !== undefined;
  const host = HOST ?? (deployed ? "0.0.0.0" : "127.0.0.1");
  const onLoopback = LOOPBACK.test(host);
  if (!onLoopback && settings.API_KEYS.length === 0) {
    throw new WrongSettings([
      `API_KEYS: one key or more, comma separated, since HOST is ${host}: without keys the server ` +
      "listens on loopback only",
    ]);
  }
  const ports = PORT !== undefined
    ? [PORT]
    : deployed
    ? settings.PORTS.slice(0, 1)
    : settings.PORTS;
  return { ...settings, JOIN_NUMBERS: joinNumbers, PORTS: ports, HOST: host, onLoopback };
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
