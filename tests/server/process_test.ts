import { assertEquals, assertStringIncludes } from "@std/assert";
import { Client } from "../support/client.ts";
import { answerTo } from "../support/http.ts";
import { JAMBONZ, sessionNew } from "../support/lines.ts";
import { ROOT, ServerProcess } from "../support/process.ts";
import { ManagedKeys } from "../../access/managed_keys.ts";
import { openSqlite } from "../../store/sqlite/open.ts";
import { databaseFile } from "../support/database_file.ts";
import { KeyHolder } from "../support/key_holder.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { argsOf } from "../support/tasks.ts";

const INCOMING = { event: "incoming_call", callerId: "1", didNumber: "2", sessionId: "s" };

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`process: ${signal} exits with 0 while sessions are open`, async () => {
    await using server = new ServerProcess({ env: { PORTS: "0,0" } });
    const [port, other] = await server.ports(2);
    await using line = await Client.open(`ws://127.0.0.1:${port}/`);
    line.send(INCOMING);
    await line.next({ event: "answer" });
    await using client = await Client.open(`ws://127.0.0.1:${other}/api/v1/ws/a`);
    await using jambonz = await Client.open(`ws://127.0.0.1:${port}/jambonz`, JAMBONZ);
    jambonz.send(sessionNew());
    await jambonz.next({ type: "ack" });
    server.kill(signal);
    assertEquals(await server.exitCode(), 0);
    for (const socket of [line, client, jambonz]) {
      assertEquals((await socket.whenClosed()).code, 1001);
    }
  });

  Deno.test(`process: ${signal} exits with 0 while its peers are silent`, async () => {
    await using server = new ServerProcess();
    const [port] = await server.ports();
    using mute = await RawSocket.open(port!, "/");
    await mute.send(INCOMING);
    using _silent = await RawSocket.open(port!, "/api/v1/ws/a");
    using halfOpen = await RawSocket.connect(port!);
    await halfOpen.write("GET / HTTP/1.1\r\n");
    server.kill(signal);
    assertEquals(await server.exitCode(), 0);
  });
}

for (const [signal, code] of [["SIGINT", 0], ["SIGTERM", 143]] as const) {
  Deno.test(`process: ${signal} ends \`deno task dev\` with its watcher, silently`, async () => {
    const args = argsOf("dev");
    await using server = new ServerProcess({ args, env: { LOG_LEVEL: "warn" } });
    const [port] = await server.ports();
    await using line = await Client.open(`ws://127.0.0.1:${port}/`);
    line.send(INCOMING);
    await line.next({ event: "answer" });
    server.kill(signal);
    assertEquals(await server.exitCode(), code);
    assertEquals((await line.whenClosed()).code, 1001);
    assertEquals(server.stderr.all.filter((line) => !/^(Watcher .*)?$/.test(line)), []);
  });
}

Deno.test("process: it exits with 0 while a request is incomplete", async () => {
  await using server = new ServerProcess({ env: { PORTS: "0,0" } });
  const [port] = await server.ports(2);
  using slow = await RawSocket.connect(port!);
  const headers = { "content-type": "application/json", "content-length": "9" };
  await slow.request("POST", "/api/v1/contracts/create", { ...headers, expect: "100-continue" });
  // The server has begun to read the body, which will never come.
  assertEquals((await slow.answer()).status, 100);
  server.kill("SIGTERM");
  assertEquals(await server.exitCode(), 0);
});

Deno.test("process: a port in use exits with 1 and one line that names the port", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  await using server = new ServerProcess({ env: { PORTS: `0,${port}` } });
  assertEquals(await server.exitCode(), 1);
  assertEquals(server.stderr.all.length, 1);
  assertStringIncludes(server.stderr.all[0]!, `127.0.0.1:${port}: the port is taken; set PORTS`);
  assertEquals(server.stdout.all, []);
});

Deno.test("process: a database that cannot be created exits with 1 and one line", async () => {
  const env = { DATABASE_URL: "sqlite:/proc/nowhere/t.db" };
  for (const args of [undefined, argsOf("start")]) {
    await using server = new ServerProcess({ env, ...(args === undefined ? {} : { args }) });
    assertEquals(await server.exitCode(), 1);
    assertEquals(server.stderr.all.length, 1);
    assertStringIncludes(server.stderr.all[0]!, "Cannot open the database /proc/nowhere/t.db: ");
  }
});

Deno.test("process: a second server on a database exits with 1 and one line; the first keeps running", async () => {
  const name = `data/test-${crypto.randomUUID()}.db`;
  await using files = new AsyncDisposableStack();
  files.defer(() => removeDatabase(name));
  const env = { DATABASE_URL: `sqlite:${name}` };
  const start = () => new ServerProcess({ args: argsOf("start"), env });
  await using first = start();
  const [port] = await first.ports();
  await using line = await Client.open(`ws://127.0.0.1:${port}/`);
  line.send(INCOMING);
  await line.next({ event: "answer" });
  await using second = start();
  assertEquals(await second.exitCode(), 1);
  assertEquals(second.stderr.all, [
    `Cannot open the database ${name}: another server uses it; ` +
    "give this one its own with DATABASE_URL and PORTS",
  ]);
  const { calls } = await (await answerTo(`http://127.0.0.1:${port}/api/v1/calls`)).json();
  assertEquals(calls.map(({ state }: { state: string }) => state), ["answered"]);
  first.kill("SIGKILL");
  await first.exitCode();
  await using next = start();
  await next.ports();
});

Deno.test("process: it warns at startup if it may not write to the recordings folder", async () => {
  const args = argsOf("start");
  const told = async (folder: string) => {
    await using server = new ServerProcess({ env: { RECORDINGS: folder }, args });
    await server.ports();
    server.kill("SIGTERM");
    await server.exitCode();
    return server.stderr.all.filter((line) => line.includes("no call can be recorded"));
  };
  const [line, ...more] = await told("/srv/recordings");
  assertStringIncludes(line!, "may not write in /srv/recordings");
  assertEquals([more, await told("data/recordings")], [[], []]);
});

Deno.test("process: it names the readable folders when it may not read an app", async () => {
  const args = argsOf("start");
  for (
    const [APP, end] of [["ivr.ts", "is it apps/ivr.ts?"], ["x.ts", "apps are read from apps/"]]
  ) {
    await using server = new ServerProcess({ env: { APP: APP! }, args });
    const line = await server.stderr.next((line) => line.includes("app does not load"));
    assertEquals(
      JSON.parse(line).error,
      `Cannot load the app ${APP}: there is none in the folders that the server may read ` +
        `(--allow-read); ${end}`,
    );
  }
});

Deno.test("process: the start task may encrypt for a client, in a thread", async () => {
  await using server = new ServerProcess({ args: argsOf("start") });
  const [port] = await server.ports();
  const client = `http://127.0.0.1:${port}/api/v1/clients/%2B254712345678`;
  const holder = await KeyHolder.make();
  const response = await answerTo(`${client}/encryption_key`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(holder.jwk),
  });
  const { thumbprint, ...told } = await response.json();
  assertEquals([response.status, told.kid], [200, thumbprint]);
});

Deno.test("process: invalid settings exit with 2 and a line for each", async () => {
  const env = { PORTS: "70000", LOG_LEVEL: "loud", HEARTBEAT_MS: "-1", INBOUND_DTMF_DIGIT: "A" };
  await using server = new ServerProcess({ env });
  assertEquals(await server.exitCode(), 2);
  assertEquals(
    server.stderr.all.map((line) => line.split(":")[0]).toSorted(),
    Object.keys(env).toSorted(),
  );
});

Deno.test("process: it refuses to listen beyond loopback without keys", async () => {
  await using server = new ServerProcess({ env: { HOST: "0.0.0.0" } });
  assertEquals(await server.exitCode(), 2);
  assertEquals(server.stderr.all.length, 1);
  assertStringIncludes(server.stderr.all[0]!, "API_KEYS");
});

Deno.test("process: it listens beyond loopback with a key in the database, even without settings", async () => {
  await using file = await databaseFile();
  const store = await openSqlite(file.path);
  const keys = await ManagedKeys.open(store.keys, () => new Date());
  const terms = {
    name: "line",
    scopes: ["line:inbound"],
    bounds: undefined,
    lastsMs: null,
  } as const;
  const { text } = await keys.create(terms, "test");
  await store.close();
  await using server = new ServerProcess({ env: { HOST: "0.0.0.0", DATABASE_URL: file.url } });
  const [port] = await server.ports();
  for (const [path, status] of [["/", 401], [`/?key=${text}`, 101]] as const) {
    using raw = await RawSocket.connect(port!);
    assertEquals((await raw.handshake(path)).status, status);
  }
});

Deno.test("process: it listens beyond loopback with keys", async () => {
  await using server = new ServerProcess({ env: { HOST: "0.0.0.0", API_KEYS: "k" } });
  const [port] = await server.ports();
  using raw = await RawSocket.connect(port!);
  assertEquals((await raw.handshake("/")).status, 401);
  using keyed = await RawSocket.connect(port!);
  assertEquals((await keyed.handshake("/?key=k")).status, 101);
});

Deno.test("process: it reads .env in the working directory; the environment overrides it", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${directory}/.env`,
      '# ours\nAPI_KEYS=file\nJAMBONZ_PATH="/voice"\nINBOUND_HANGUP_AFTER_MS=soon\n',
    );
    const env = { API_KEYS: "environment", INBOUND_HANGUP_AFTER_MS: "never" };
    await using server = new ServerProcess({ cwd: directory, env });
    const [port] = await server.ports();
    for (const [path, status] of [["/voice?key=environment", 101], ["/voice?key=file", 401]]) {
      using raw = await RawSocket.connect(port!);
      const offer = { "sec-websocket-protocol": "ws.jambonz.org" };
      assertEquals((await raw.handshake(path as string, offer)).status, status);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("process: it warns of misspelt settings if it may read the environment", async () => {
  const [start, everything] = [argsOf("start").slice(0, -1), ["-A"]];
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/.env`, "PROTS=1\nLIMIT_TEXT=1\nUNRELATED=1\n");
    for (const [flags, more] of [[start, []], [everything, ["RECRD"]]] as const) {
      const args = [...flags, new URL("main.ts", ROOT).pathname];
      const env = { APP_RELAOD: "yes", RECRD: "all" };
      await using server = new ServerProcess({ args, cwd: directory, env });
      await server.ports();
      const told = server.stderr.all.filter((line) => line.includes("no such setting"));
      assertEquals(
        told.map((line) => JSON.parse(line).name).toSorted(),
        ["APP_RELAOD", "LIMIT_TEXT", "PROTS", ...more].toSorted(),
      );
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("process: an invalid setting in .env is named like any other", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/.env`, "LOG_FORMAT=xml\n");
    await using server = new ServerProcess({ cwd: directory });
    assertEquals(await server.exitCode(), 2);
    assertEquals(server.stderr.all.map((line) => line.split(":")[0]), ["LOG_FORMAT"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("process: the permissions of `deno task start` suffice for calls", async () => {
  const args = argsOf("start");
  // In the folder of the default database: the task may write nowhere else.
  const name = `data/test-${crypto.randomUUID()}.db`;
  await using files = new AsyncDisposableStack();
  files.defer(() => removeDatabase(name));
  const env = { DATABASE_URL: `sqlite:${name}` };
  await using server = new ServerProcess({ args, cwd: ROOT, env });
  const [port] = await server.ports();
  await using line = await Client.open(`ws://127.0.0.1:${port}/`);
  line.send(INCOMING);
  await line.next({ event: "answer" });
  await using jambonz = await Client.open(`ws://127.0.0.1:${port}/jambonz`, JAMBONZ);
  jambonz.send(sessionNew());
  assertEquals(Array.isArray((await jambonz.next({ type: "ack" }))["data"]), true);
  const { calls } = await (await answerTo(`http://127.0.0.1:${port}/api/v1/calls`)).json();
  assertEquals(calls.length, 2);
  const query = new URLSearchParams({ conversationToken: calls[1].liveConversationToken });
  await using watcher = await Client.open(`ws://127.0.0.1:${port}/ws/v1/liveCalls?${query}`, {
    protocols: ["bearer", "dev"],
  });
  watcher.send({ type: "client:endCall", id: "e" });
  await watcher.next({ type: "event:callEnd" });
  await line.next({ event: "hangup" });
  server.kill("SIGTERM");
  assertEquals(await server.exitCode(), 0);
  assertEquals(server.stderr.all.filter((line) => line.includes('"level":"error"')), []);
});

async function removeDatabase(name: string): Promise<void> {
  for (const end of ["", "-wal", "-shm", ".lock"]) {
    await Deno.remove(new URL(`${name}${end}`, ROOT)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
