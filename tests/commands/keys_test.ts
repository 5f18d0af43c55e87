/** `deno task keys`, with a database of its own and beside a running server. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { KEY_PATTERN } from "../../access/key_text.ts";
import { within } from "../support/arrivals.ts";
import { databaseFile } from "../support/database_file.ts";
import { KeyedServer, ROOT_KEY } from "../support/keyed_server.ts";
import { outputOf, ROOT } from "../support/process.ts";
import { ServerEvents } from "../support/server_events.ts";
import { argsOf } from "../support/tasks.ts";

/** Runs the command as the task does, but with these permissions for a database elsewhere. */
async function keys(args: readonly string[], env: Record<string, string>) {
  const flags = argsOf("keys").map((arg) =>
    arg.replace("--allow-read=", "--allow-read=/tmp,").replace(
      "--allow-write=",
      "--allow-write=/tmp,",
    )
  );
  const { code, stdout, stderr } = await outputOf(Deno.execPath(), {
    args: ["run", ...flags, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
  });
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const CREATE = ["create", "--name", "crm", "--scopes", "calls:read,webhooks"];

Deno.test("keys, without a server: creates, lists and revokes in the database", async () => {
  await using file = await databaseFile();
  const env = { DATABASE_URL: file.url };
  const bounds = ["--clients", "+254712345678", "--numbers", "5000,5001", "--expires", "90d"];
  const made = await keys([...CREATE, ...bounds], env);
  assertEquals([made.code, made.stdout.split("\n").length], [0, 1], made.stderr);
  assertMatch(made.stdout, KEY_PATTERN);
  const [, id = ""] = KEY_PATTERN.exec(made.stdout)!;
  const listed = JSON.parse((await keys(["list", "--json"], env)).stdout);
  const { created_at, expires_at, ...rest } = listed;
  assertEquals(Date.parse(expires_at) - Date.parse(created_at), 90 * 86_400_000);
  assertEquals(rest, {
    id,
    name: "crm",
    scopes: ["calls:read", "webhooks"],
    clients: ["+254712345678"],
    numbers: ["5000", "5001"],
    revoked_at: null,
    last_used_at: null,
  });
  assertEquals((await keys(["revoke", id], env)).code, 0);
  assertStringIncludes((await keys(["list"], env)).stdout, "revoked 20");
  await using server = await KeyedServer.start({ settings: env });
  assertEquals((await server.ask(made.stdout, "GET", "/calls")).status, 401);
});

Deno.test("keys, beside a running server: the server makes and revokes them, at once", async () => {
  await using file = await databaseFile();
  const settings = { DATABASE_URL: file.url };
  await using server = await KeyedServer.start({ settings });
  const env = { ...settings, PORT: String(server.test.port), API_KEYS: ROOT_KEY };
  const made = await keys(CREATE, env);
  assertEquals(made.code, 0, made.stderr);
  assertEquals((await server.ask(made.stdout, "GET", "/calls")).status, 200);
  const [, id = ""] = KEY_PATTERN.exec(made.stdout)!;
  const listed = await keys(["list"], env);
  assertStringIncludes(listed.stdout, `${id}  crm  calls:read,webhooks`);
  assertEquals((await keys(["revoke", id], env)).code, 0);
  assertEquals((await server.ask(made.stdout, "GET", "/calls")).status, 401);
  // With a key of the scope `keys` alone, and with none.
  const { key } = await server.key({ scopes: ["keys"] });
  const { API_KEYS: _, ...keyless } = env;
  assertEquals((await keys(CREATE, { ...keyless, TIPRING_KEY: key })).code, 0);
  const refused = await keys(CREATE, keyless);
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertStringIncludes(refused.stderr, "TIPRING_KEY");
  assert(!refused.stderr.includes("    at "));
});

Deno.test("keys: the first key, made beside a running server, sends away who came without one", async () => {
  await using file = await databaseFile();
  const settings = { DATABASE_URL: file.url, API_KEYS: "" };
  await using server = await KeyedServer.start({ settings });
  await using client = await server.open(undefined, "/api/v1/ws/+254712345678");
  await using stream = await ServerEvents.open(server, undefined, "/events/stream");
  const env = { DATABASE_URL: file.url, PORT: String(server.test.port) };
  const made = await keys(CREATE, env);
  assertEquals(made.code, 0, made.stderr);
  assertEquals((await within(client.closed, () => "the socket stays", 5000)).code, 4401);
  await within(stream.ended(), () => "the stream goes on", 5000);
});

Deno.test("keys: what makes no key is said in one line, and exits with 2", async () => {
  await using file = await databaseFile();
  const env = { DATABASE_URL: file.url };
  for (
    const [args, said] of [
      [["create", "--name", "crm", "--scopes", "everything"], "--scopes"],
      [["create", "--name", "crm"], "--scopes"],
      [[...CREATE, "--expires", "soon"], "90d"],
      [["destroy"], "destroy"],
    ] as const
  ) {
    const { code, stdout, stderr } = await keys(args, env);
    assertEquals([args, code, stdout], [args, 2, ""]);
    assertStringIncludes(stderr, said);
  }
});
