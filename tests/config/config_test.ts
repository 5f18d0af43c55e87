import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readConfig } from "../../config/config.ts";
import { SETTING_NAMES, Settings } from "../../config/settings.ts";
import { WrongSettings } from "../../config/wrong_settings.ts";
import { unknownSettings } from "../../config/unknown_settings.ts";

function faultsOf(environment: Record<string, string>): readonly string[] {
  return assertThrows(() => readConfig(environment), WrongSettings).faults;
}

Deno.test("readConfig() has a default for every setting", () => {
  const config = readConfig({});
  assertEquals(config.HOST, "127.0.0.1");
  assertEquals(config.PORTS, [8000, 4143]);
  assertEquals(config.INBOUND_DTMF_AFTER_MS, 2000);
  assert(config.onLoopback);
});

Deno.test("readConfig() names every wrong setting with what it expects", () => {
  const faults = faultsOf({ PORTS: "http", LOG_LEVEL: "loud", INBOUND_CDR_WAIT_MS: "soon" });
  assertEquals(faults.length, 3);
  assertStringIncludes(faults.join("\n"), "PORTS: a port from 0 to 65535");
  assertStringIncludes(faults.join("\n"), "LOG_LEVEL:");
  assertStringIncludes(faults.join("\n"), "INBOUND_CDR_WAIT_MS: milliseconds, or never");
});

Deno.test("readConfig() shows the given value, but no key, number or password", () => {
  const faults = faultsOf({
    PORTS: "8000,http",
    DATABASE_URL: "postgres://tipring:secret@db/calls",
    JOIN_NUMBERS: "alice=0712345678",
    LOG_LEVEL: "x".repeat(10_000),
  });
  const told = Object.fromEntries(faults.map((fault) => [fault.split(":")[0], fault]));
  assertEquals(told["PORTS"], 'PORTS: a port from 0 to 65535; it is "8000,http"');
  assertStringIncludes(told["DATABASE_URL"]!, '; it is "postgres://…@db/calls"');
  assertEquals(told["JOIN_NUMBERS"]!.includes("0712"), false);
  assertEquals(told["LOG_LEVEL"]!.length < 250, true);
});

Deno.test("unknownSettings() finds names that are close to a setting, or begin like one", () => {
  const names = ["PORT", "PROTS", "APIKEYS", "LIMIT_TXT_SIZE", "JAMBONZ_URL", "HOSTS", "PROTS"];
  assertEquals(unknownSettings(names, SETTING_NAMES), [
    { name: "PROTS", closest: "PORTS" },
    { name: "APIKEYS", closest: "API_KEYS" },
    { name: "LIMIT_TXT_SIZE", closest: "LIMIT_TEXT_BYTES" },
    { name: "JAMBONZ_URL", closest: "JAMBONZ_PATH" },
    { name: "HOSTS", closest: "HOST" },
  ]);
  const others = ["HOME", "PATH", "TMP", "USER", "PWD", "SHELL", "TERM", "LANG", "NO_COLOR"];
  assertEquals(unknownSettings([...others, "DENO_DIR", ...SETTING_NAMES], SETTING_NAMES), []);
});

Deno.test("readConfig() accepts never as a time", () => {
  assertEquals(readConfig({ INBOUND_HANGUP_AFTER_MS: "never" }).INBOUND_HANGUP_AFTER_MS, Infinity);
});

Deno.test("readConfig() recognises addresses that are not loopback", () => {
  assert(!readConfig({ HOST: "0.0.0.0" }).onLoopback);
  assertEquals(readConfig({ HOST: "0.0.0.0", API_KEYS: "a,b" }).API_KEYS, ["a", "b"]);
});

Deno.test("readConfig() limits addresses on public addresses, and on loopback when configured", () => {
  const limitOf = (settings: Record<string, string>) => {
    const config = readConfig(settings);
    return [config.LIMIT_CONNECTIONS_PER_ADDRESS, config.LIMIT_HANDSHAKES_PER_ADDRESS];
  };
  assertEquals(limitOf({}), [Infinity, Infinity]);
  assertEquals(limitOf({ HOST: "0.0.0.0", API_KEYS: "a-key-of-24-characters-1" }), [1000, 100]);
  const set = { LIMIT_CONNECTIONS_PER_ADDRESS: "7", LIMIT_HANDSHAKES_PER_ADDRESS: "8" };
  assertEquals(limitOf(set), [7, 8]);
  for (const name of Object.keys(set)) {
    assertStringIncludes(faultsOf({ [name]: "none" }).join(), `${name}: a whole number`);
  }
});

Deno.test("readConfig() refuses limits that would admit nobody", () => {
  const limits = Object.keys(Settings.shape).filter((name) => name.startsWith("LIMIT_"));
  assert(limits.length > 25);
  const isTime = (name: string) => /^LIMIT_(FIRST_MESSAGE|CALL|IDLE_AUDIO)_MS$/.test(name);
  for (const name of limits.filter((name) => !isTime(name))) {
    assertEquals(faultsOf({ [name]: "0" }).length, 1, name);
    assertEquals(faultsOf({ [name]: "-1" }).length, 1, name);
  }
});

Deno.test("readConfig() recognises every form of loopback", () => {
  for (const HOST of ["127.0.0.1", "127.1.2.3", "localhost", "::1"]) {
    assert(readConfig({ HOST }).onLoopback, HOST);
  }
});

Deno.test("readConfig() listens on PORT only when it is set", () => {
  assertEquals(readConfig({ PORT: "3000" }).PORTS, [3000]);
  const deployed = { DENO_DEPLOYMENT_ID: "d1", API_KEYS: "secret" };
  assertEquals(readConfig(deployed).PORTS.length, 1);
  assert(!readConfig(deployed).onLoopback);
});

Deno.test("readConfig() accepts origins as browsers write them, and hosts without a scheme", () => {
  const ALLOWED_ORIGINS = "https://desk.example, http://localhost:3000, capacitor://localhost, *";
  assertEquals(readConfig({ ALLOWED_ORIGINS }).ALLOWED_ORIGINS.length, 4);
  for (const wrong of ["desk.example", "https://desk.example/", "https://a.example/app", "//a"]) {
    assertStringIncludes(faultsOf({ ALLOWED_ORIGINS: wrong }).join(), "ALLOWED_ORIGINS: https://");
  }
  const ALLOWED_HOSTS =
    "api.example, *.example.org, api.example:8443, 192.0.2.1, [2001:db8::1]:80, *";
  assertEquals(readConfig({ ALLOWED_HOSTS }).ALLOWED_HOSTS.length, 6);
  for (const wrong of ["https://api.example", "api.example/", "a b", "*.", "api.*.example"]) {
    assertStringIncludes(faultsOf({ ALLOWED_HOSTS: wrong }).join(), "ALLOWED_HOSTS: names");
  }
});

const SECRET_FORM = "16 to 128 letters, digits and . _ ~ -";
const SECRETS_FORM = `number=secret pairs, comma separated; a secret has ${SECRET_FORM}`;

Deno.test("readConfig() requires long secrets, header names and addresses, and prints no secret", () => {
  const faults = faultsOf({
    PAYMENT_CALLBACK_SECRET: "too short",
    PAYMENT_CALLBACK_HEADER: "x signature",
    PAYMENT_CALLBACK_FROM: "10.0.0.0/8, provider.example",
  }).join("\n");
  assertStringIncludes(faults, "PAYMENT_CALLBACK_SECRET: 16 characters or more");
  assertStringIncludes(faults, "PAYMENT_CALLBACK_HEADER: the name of a header");
  assertStringIncludes(faults, "PAYMENT_CALLBACK_FROM: addresses and CIDRs");
  assertEquals(faults.includes("too short"), false);
  for (const wrong of ["5000", "5000=short", "=0123456789abcdef", "5000=0123456789abcde/"]) {
    const [fault] = faultsOf({ INBOUND_SECRETS: wrong });
    assertEquals(fault, `INBOUND_SECRETS: ${SECRETS_FORM}`);
  }
  assertEquals(faultsOf({ JAMBONZ_SECRET: "a b" }), [`JAMBONZ_SECRET: ${SECRET_FORM}`]);
});

Deno.test("readConfig() treats an empty setting as unset", () => {
  assertEquals(readConfig({ PORT: "", LOG_LEVEL: "" }).LOG_LEVEL, "info");
});

Deno.test("readConfig() reads the numbers of users who can join", () => {
  const { JOIN_NUMBERS } = readConfig({ JOIN_NUMBERS: "alice=+15551230000, bob=+15551230001" });
  assertEquals(JOIN_NUMBERS.get("bob"), "+15551230001");
  assertStringIncludes(faultsOf({ JOIN_NUMBERS: "alice" }).join(), "user=+E164");
});

Deno.test("readConfig() reads users' national numbers with DEFAULT_COUNTRY", () => {
  const JOIN_NUMBERS = "alice=0712 345 678,0712000000=(254) 712-345679";
  assertEquals([...readConfig({ JOIN_NUMBERS, DEFAULT_COUNTRY: "KE" }).JOIN_NUMBERS], [
    ["alice", "+254712345678"],
    ["+254712000000", "+254712345679"],
  ]);
  assertStringIncludes(faultsOf({ JOIN_NUMBERS }).join(), "pair 1 has no number");
  const faults = faultsOf({ JOIN_NUMBERS: "ann=5000,bob=+15551230000,eve=5001" });
  assertEquals(faults.map((fault) => /pair \d/.exec(fault)?.[0]), ["pair 1", "pair 3"]);
});

Deno.test("readConfig() accepts only countries that have telephone numbers", () => {
  assertStringIncludes(faultsOf({ DEFAULT_COUNTRY: "XX" }).join(), "such as KE");
  // Without a country the pair has no number: a second fault, and no throw.
  assertEquals(faultsOf({ DEFAULT_COUNTRY: "XX", JOIN_NUMBERS: "alice=0712345678" }).length, 2);
});

Deno.test("Settings: the start task grants the server access to each of them", async () => {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  const allowed = /--allow-env=(\S+)/.exec(tasks.start)![1]!.split(",");
  for (const name of Object.keys(Settings.shape)) {
    assert(
      allowed.some((rule) =>
        rule.endsWith("*") ? name.startsWith(rule.slice(0, -1)) : rule === name
      ),
      `${name} is not in --allow-env of the start task`,
    );
  }
  assertEquals(permissionsOf(tasks.compile), permissionsOf(tasks.start));
  assertEquals(permissionsOf(tasks.dev), permissionsOf(tasks.start));
});

function permissionsOf(task: string): string[] {
  return task.split(" ").filter((flag) => /^--(allow|ignore|deny)-/.test(flag));
}

const TOKENS = { AUTH_ISSUER: "https://id.example.com/", AUTH_AUDIENCE: "tipring" };
const JWKS = { ...TOKENS, AUTH_JWKS_URL: "https://id.example.com/jwks.json" };
const SECRET = { ...TOKENS, AUTH_SECRET: "x".repeat(32) };

Deno.test("readConfig() accepts tokens verified by public keys or by a secret, with safe algorithms", () => {
  assertEquals(readConfig({}).auth, undefined);
  assertEquals(readConfig(JWKS).auth?.algorithms, ["RS256", "PS256", "ES256", "EdDSA"]);
  assertEquals(readConfig(SECRET).auth?.algorithms, ["HS256"]);
  const pinned = { ...JWKS, AUTH_ALGORITHMS: "ES256, EdDSA" };
  assertEquals(readConfig(pinned).auth?.algorithms, ["ES256", "EdDSA"]);
});

const WRONG_TOKENS: [what: string, name: string, settings: Record<string, string>][] = [
  ["both kinds of keys", "AUTH_SECRET", { ...JWKS, ...SECRET }],
  ["no issuer", "AUTH_ISSUER", { ...JWKS, AUTH_ISSUER: "" }],
  ["no audience", "AUTH_AUDIENCE", { ...SECRET, AUTH_AUDIENCE: "" }],
  ["a short secret", "AUTH_SECRET", { ...SECRET, AUTH_SECRET: "short" }],
  ["another URL", "AUTH_JWKS_URL", { ...JWKS, AUTH_JWKS_URL: "file:///jwks.json" }],
  ["none", "AUTH_ALGORITHMS", { ...JWKS, AUTH_ALGORITHMS: "none" }],
  ["a secret's algorithm for public keys", "AUTH_ALGORITHMS", {
    ...JWKS,
    AUTH_ALGORITHMS: "ES256,HS256",
  }],
  ["a public key's algorithm for a secret", "AUTH_ALGORITHMS", {
    ...SECRET,
    AUTH_ALGORITHMS: "RS256",
  }],
  ["no algorithm at all", "AUTH_ALGORITHMS", { ...JWKS, AUTH_ALGORITHMS: "," }],
];

for (const [what, name, settings] of WRONG_TOKENS) {
  Deno.test(`readConfig() refuses tokens with ${what}, and prints no secret`, () => {
    const faults = faultsOf(settings);
    assertEquals(faults.map((fault) => fault.split(/[:.]/)[0]), [name]);
    assert(!faults.join().includes("xxxx") && !faults.join().includes("short;"));
  });
}
