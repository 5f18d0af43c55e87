/**
 * `deno task keys`: creates, lists and revokes keys, also while a server runs.
 * @module
 */
import { Command, CommanderError, InvalidArgumentError } from "@commander-js/extra-typings";
import { type KeyAnswer, KeyCreate } from "../access/schemas.ts";
import { SCOPE_MEANINGS } from "../access/scopes.ts";
import { readConfig } from "../config/config.ts";
import { readEnvironment } from "../config/environment.ts";
import { WrongSettings } from "../config/wrong_settings.ts";
import { type KeyDesk, openDesk } from "./key_desk.ts";

const UNIT_S = { m: 60, h: 3600, d: 86_400 } as const;

/** Errors that the operator can fix: one line, no stack. */
const EXPECTED: ReadonlySet<string> = new Set([
  "CannotOpen",
  "KeyConflict",
  "NoSuchKey",
  "ServerRefused",
  "TimeoutError",
  "TypeError",
  "WrongDatabase",
]);

function seconds(text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (unit === undefined) throw new InvalidArgumentError("a time such as 90d, 12h or 30m");
  return Number(count) * UNIT_S[unit as keyof typeof UNIT_S];
}

function list(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

const program = new Command("keys")
  .description("Creates, lists and revokes keys: docs/keys.md")
  .option("--url <url>", "asks this server, such as https://calls.example.com")
  .exitOverride();

program.command("create")
  .description("creates a key, and prints it once")
  .requiredOption("--name <name>", "for people and records, such as crm")
  .requiredOption("--scopes <scopes>", "comma separated", list)
  .option("--clients <clients>", "binds the key to these clients, such as +254712345678", list)
  .option("--numbers <numbers>", "binds the key to calls to these numbers, such as 5000", list)
  .option("--expires <time>", "after this time, such as 90d, 12h or 30m", seconds)
  .addHelpText("after", () => `\nScopes:\n${scopeLines()}`)
  .action(async ({ expires, ...asked }) => {
    const request = KeyCreate.safeParse({ ...asked, expires_in_s: expires });
    if (!request.success) {
      for (const { path, message } of request.error.issues) {
        console.error(`--${path.join(" ")}: ${message}`);
      }
      Deno.exit(2);
    }
    await atDesk(async (desk) => {
      const { id, key } = await desk.create(request.data);
      // Prints only the key, for `KEY=$(deno task keys create …)`.
      console.log(key);
      console.error(`This is key ${id}. It is shown only once, and stored only as a hash.`);
    });
  });

program.command("list")
  .description("lists all keys, newest first")
  .option("--json", "one JSON document for each line")
  .action(async ({ json = false }) => {
    await atDesk(async (desk) => {
      for (const key of await desk.list()) {
        console.log(json ? JSON.stringify(key) : line(key));
      }
    });
  });

program.command("revoke")
  .description("revokes a key; its sockets are closed within seconds")
  .argument("<id>", "the id, from list")
  .action(async (id) => {
    await atDesk(async (desk) => {
      await desk.revoke(id);
      console.error(`Key ${id} is revoked.`);
    });
  });

if (import.meta.main) await run();

async function run(): Promise<void> {
  try {
    await program.parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    // Commander has printed the error; help is not one.
    if (error instanceof CommanderError) Deno.exit(error.exitCode === 0 ? 0 : 2);
    if (error instanceof WrongSettings) {
      for (const fault of error.faults) console.error(fault);
      Deno.exit(2);
    }
    const expected = error instanceof Error && EXPECTED.has(error.name);
    console.error(expected ? error.message : error);
    Deno.exit(1);
  }
}

async function atDesk(work: (desk: KeyDesk) => Promise<void>): Promise<void> {
  const config = readConfig(readEnvironment());
  const { url } = program.opts();
  await using desk = await openDesk(config, { url, key: Deno.env.get("TIPRING_KEY") });
  await work(desk);
}

function scopeLines(): string {
  return Object.entries(SCOPE_MEANINGS)
    .map(([scope, meaning]) => `  ${scope.padEnd(18)} ${meaning}`).join("\n");
}

function line(key: KeyAnswer): string {
  const bound = [
    ...(key.clients?.length ? [`clients ${key.clients.join(",")}`] : []),
    ...(key.numbers?.length ? [`numbers ${key.numbers.join(",")}`] : []),
  ];
  const over = key.revoked_at !== null
    ? `revoked ${key.revoked_at}`
    : key.expires_at !== null
    ? `expires ${key.expires_at}`
    : "does not expire";
  const used = key.last_used_at === null ? "never used" : `last used ${key.last_used_at}`;
  return [key.id, key.name, key.scopes.join(","), ...bound, over, used].join("  ");
}
