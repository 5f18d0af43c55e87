/** Allowed and refused targets of deliveries. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readConfig } from "../../config/config.ts";
import { WrongSettings } from "../../config/wrong_settings.ts";
import { TargetRefused } from "../../webhooks/errors.ts";
import { AllowedTargets, findAddress, readTarget } from "../../webhooks/targets.ts";
import { databaseFile } from "../support/database_file.ts";
import { WebhookReceiver } from "../support/webhook_receiver.ts";
import { WebhookServer } from "../support/webhook_server.ts";

const NONE = new AllowedTargets([]);

const PRIVATE = [
  "127.0.0.1",
  "127.1.2.3",
  "0.0.0.0",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.169.254",
  "192.0.0.8",
  "192.0.2.1",
  "198.18.0.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::7f00:1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "64:ff9b::7f00:1",
  "64:ff9b:1::1",
  "2002:7f00:1::1",
  "2001::1",
  "2001:db8::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fec0::1",
  "ff02::1",
  "4000::1",
];

Deno.test("targets: private addresses are refused, as names and as addresses", async () => {
  for (const address of PRIVATE) {
    assert(!NONE.admits("hooks.example", address), address);
    const host = address.includes(":") ? `[${address}]` : address;
    assertThrows(() => readTarget(`http://${host}/`, NONE), TargetRefused, "Cannot send to");
    const url = new URL("https://hooks.example/");
    for (const answer of [[address], ["93.184.216.34", address]]) {
      const error = await findAddress(url, NONE, () => Promise.resolve(answer)).catch((error) =>
        error
      );
      assert(error instanceof TargetRefused, address);
    }
  }
  for (const address of ["93.184.216.34", "8.8.8.8", "2606:4700::1111"]) {
    assert(NONE.admits("hooks.example", address), address);
  }
});

Deno.test("targets: an address is recognised in every spelling", () => {
  for (
    const host of ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "[::ffff:7f00:1]"]
  ) {
    assertThrows(() => readTarget(`http://${host}/`, NONE), TargetRefused, "loopback");
  }
});

Deno.test("targets: only http and https are allowed, without a password", () => {
  for (const text of ["", "hooks.example", "ftp://hooks.example/", "file:///etc/passwd"]) {
    assertThrows(() => readTarget(text, NONE), TargetRefused);
  }
  for (const text of ["https://user@hooks.example/", "https://user:pass@hooks.example/"]) {
    assertThrows(() => readTarget(text, NONE), TargetRefused, "password");
  }
});

Deno.test("targets: the setting allows exactly what it lists", () => {
  const allowed = new AllowedTargets([
    "10.1.0.0/16",
    "192.168.1.5",
    "fd00::/8",
    "Intranet.example",
  ]);
  for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "192.168.1.5", "fd00::1"]) {
    assert(allowed.admits("hooks.example", address), address);
  }
  for (const address of ["10.2.0.1", "192.168.1.6", "127.0.0.1", "fe80::1"]) {
    assert(!allowed.admits("hooks.example", address), address);
  }
  assert(allowed.admits("intranet.example", "127.0.0.1"));
  assert(!allowed.admits("sub.intranet.example", "127.0.0.1"));
  assert(new AllowedTargets(["*"]).admits("anything", "::1"));
  const read = (text: string) => readConfig({ WEBHOOK_ALLOW_PRIVATE: text }).WEBHOOK_ALLOW_PRIVATE;
  assertEquals(read("10.0.0.0/8, intranet.example"), ["10.0.0.0/8", "intranet.example"]);
  for (const wrong of ["10.0.0.0/33", "10.0.0", "http://intranet.example", "a b"]) {
    assertThrows(() => read(wrong), WrongSettings, "WEBHOOK_ALLOW_PRIVATE");
  }
});

Deno.test("targets: a name is looked up once per attempt, and that address is used", async () => {
  await using receiver = new WebhookReceiver((_received, nth) =>
    new Response(null, { status: nth === 1 ? 500 : 204 })
  );
  const asked: string[] = [];
  const resolve = (hostname: string) => {
    asked.push(hostname);
    return Promise.resolve(["127.0.0.1"]);
  };
  await using server = await WebhookServer.start({ tuning: { resolve } });
  // No name server knows this name, so the address was used.
  const { id } = await server.subscribe(receiver.url("hooks.invalid"));
  await server.happen();
  await server.delivery(id, ({ state }) => state === "delivered");
  assertEquals(asked, ["hooks.invalid", "hooks.invalid"]);
  const hosts = receiver.received.map(({ headers }) => headers.get("host"));
  assertEquals(hosts, Array(2).fill(`hooks.invalid:${receiver.port}`));
});

Deno.test("targets: a name that resolves to a private address later is refused at the next attempt", async () => {
  await using receiver = new WebhookReceiver(() => new Response(null, { status: 500 }));
  const answers = [["127.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["169.254.169.254"]];
  const resolve = () => Promise.resolve(answers.shift() ?? []);
  await using server = await WebhookServer.start({ tuning: { resolve } });
  const { id } = await server.subscribe(receiver.url("rebinding.example"));
  await server.happen();
  const { attempts } = await server.delivery(id, ({ state }) => state === "dead");
  assertEquals(attempts.map(({ status }) => status), [500, null, null]);
  assertStringIncludes(attempts[1]?.error ?? "", "10.0.0.1 is private");
  assertStringIncludes(attempts[2]?.error ?? "", "169.254.169.254 is linkLocal");
  assertEquals(receiver.received.length, 1);
});

Deno.test("targets: a target that is no longer allowed is refused", async () => {
  await using receiver = new WebhookReceiver();
  await using file = await databaseFile();
  let id = "";
  {
    await using server = await WebhookServer.start({ database: file.path });
    ({ id } = await server.subscribe(receiver.url()));
  }
  await using server = await WebhookServer.start({ database: file.path, allowPrivate: "" });
  await server.happen();
  const { attempts } = await server.delivery(id, ({ state }) => state === "dead");
  assertEquals(attempts.length, 3);
  assertStringIncludes(attempts[0]?.error ?? "", "127.0.0.1 is loopback");
  assertEquals(receiver.received, []);
});

Deno.test("targets: a certificate is checked for the name, over the resolved address", async () => {
  await using receiver = new WebhookReceiver(undefined, { cert: CERTIFICATE, key: KEY });
  const resolve = () => Promise.resolve(["127.0.0.1"]);
  const tuning = { resolve, trusted: CERTIFICATE, delaysMs: [] };
  await using server = await WebhookServer.start({ tuning });
  const right = await server.subscribe(receiver.url("hooks.example"));
  const wrong = await server.subscribe(receiver.url("other.example"));
  const bare = await server.subscribe(receiver.url());
  await server.happen();
  await server.delivery(right.id, ({ state }) => state === "delivered");
  for (const { id } of [wrong, bare]) {
    const { attempts } = await server.delivery(id, ({ state }) => state === "dead");
    assertStringIncludes(attempts[0]?.error ?? "", "does not match certificate");
  }
  assertEquals(receiver.received.length, 1);
});

/** A self-signed certificate for hooks.example, valid for a hundred years. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBnjCCAUSgAwIBAgIUfwWzkQdbIeGm02UQoPd31SyYm0MwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNaG9va3MuZXhhbXBsZTAgFw0yNjExMjEwOTA0MjZaGA8yMTI2
MTAyODA5MDQyNlowGDEWMBQGA1UEAwwNaG9va3MuZXhhbXBsZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABIECSvzH1Bqd3ANpt1a0fq+ArChsumROpsR31ld68Wrj
KmEgq2vVi8AjIrhGZEMEJu7oDR+kbZkvbTFfOIUcDvejajBoMB0GA1UdDgQWBBTP
bNREEFF7MnG91UTqYsZ6bfcP2jAfBgNVHSMEGDAWgBTPbNREEFF7MnG91UTqYsZ6
bfcP2jAYBgNVHREEETAPgg1ob29rcy5leGFtcGxlMAwGA1UdEwEB/wQCMAAwCgYI
KoZIzj0EAwIDSAAwRQIgTCigbcozWjnjE0IPq8RFZmf1hX/ftc2vp3b4OvKku40C
IQDusT8dUftNgmEDEb4rmhaKRlP0lotHWrTk0M1r9pn6VQ==
-----END CERTIFICATE-----
`;

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOi8TXKTeAErcA4f6
Q5EwJyckP4B0AKglrek/3ZgkcqahRANCAASBAkr8x9QandwDabdWtH6vgKwobLpk
TqbEd9ZXevFq4yphIKtr1YvAIyK4RmRDBCbu6A0fpG2ZL20xXziFHA73
-----END PRIVATE KEY-----
`;
