/** The code of `docs/writing_an_app.md` does what the document says. */
import { assert, assertEquals } from "@std/assert";
import { run } from "../../simulators/main.ts";
import { serverWith } from "../support/apps.ts";
import { within } from "../support/arrivals.ts";
import type { Message } from "../support/client.ts";
import { inboundCall } from "../support/lines.ts";
import { outputOf } from "../support/process.ts";
import type { TestServer } from "../support/server.ts";

const ROOT = new URL("../../", import.meta.url);
const text = await Deno.readTextFile(new URL("docs/writing_an_app.md", ROOT));
const apps = [...text.matchAll(/```ts apps\/mine\.ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
const steps = text.split(/^## /m).slice(1, 4);
/** No audio is late, however busy the machine is. */
const PATIENT = { settings: { LIMIT_LATE_AUDIO_MS: "60000" } };

/** A copy of the repository in which this is `apps/mine.ts`; shared files are linked. */
class Copy implements Disposable {
  readonly folder: string = Deno.makeTempDirSync();

  constructor(code: string) {
    for (const { name } of Deno.readDirSync(ROOT)) {
      if (!name.startsWith(".") && name !== "apps" && name !== "data") this.#link(name);
    }
    Deno.mkdirSync(`${this.folder}/apps`);
    this.#link("apps/prompts");
    Deno.writeTextFileSync(this.app, code);
  }

  get app(): string {
    return `${this.folder}/apps/mine.ts`;
  }

  #link(name: string): void {
    Deno.symlinkSync(new URL(name, ROOT).pathname, `${this.folder}/${name}`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** Runs the command of a step as it is written there, but on the server of the test. */
async function simulate(
  server: TestServer,
  step: number,
  command: string,
  onLine: (line: string) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ code: number; lines: string[] }> {
  const written = new RegExp(`^deno task ${command}(.*)$`, "m").exec(steps[step - 1]!)?.[1];
  assert(written !== undefined, `step ${step} has no ${command}`);
  const options = written.replace(/ {2,}#.*/, "").replaceAll("'", "").trim().split(" ");
  const door = { "sim inbound": "/", "sim jambonz": "/jambonz" }[command] ?? "";
  const lines: string[] = [];
  const out = (line: string) => {
    lines.push(line);
    onLine(line);
  };
  const words = [...command.split(" ").slice(1), ...options, "--url", server.ws(door)];
  const stdin = new ReadableStream<Uint8Array<ArrayBuffer>>();
  const running = run(words, { out, error: out, isTerminal: false, stdin, signal });
  const code = await within(running, () => `${command} goes on after ${lines.join("\n")}`, 60_000);
  return { code, lines };
}

async function record(server: TestServer): Promise<Message[]> {
  const { calls: [{ id }] } = await server.rest("GET", "/calls");
  return (await server.rest("GET", `/calls/${id}/events`)).events;
}

Deno.test("writing_an_app.md has three apps, and each passes the type checker", async () => {
  assertEquals(apps.length, 3);
  for (const code of apps) {
    using copy = new Copy(code);
    const { success, stderr } = await outputOf(Deno.execPath(), {
      args: ["check", "--quiet", copy.app],
      cwd: copy.folder,
    });
    assert(success, new TextDecoder().decode(stderr));
  }
});

for (const command of ["sim inbound", "sim jambonz"]) {
  Deno.test(`writing_an_app.md, step 1: deno task ${command} is answered and heard, and # hangs up`, async () => {
    using copy = new Copy(apps[0]!);
    await using server = await serverWith(copy.app, PATIENT);
    const { code, lines } = await simulate(server, 1, command);
    assertEquals(code, 0, lines.join("\n"));
    assert(lines.some((line) => line.includes("<- first audio") && line.includes('"echo":true')));
    assert(lines.some((line) => /frames .* back, 0 lost/.test(line)), lines.join("\n"));
    assert(lines.some((line) => line.includes("<- hangup") || line.includes('"verbs":["hangup"]')));
  });

  Deno.test(`writing_an_app.md, step 2: after deno task ${command} the key is in the record`, async () => {
    using copy = new Copy(apps[1]!);
    await using server = await serverWith(copy.app, PATIENT);
    const { code, lines } = await simulate(server, 2, command);
    assertEquals(code, 0, lines.join("\n"));
    const events = await record(server);
    const notes = events.filter(({ type }) => type === "note");
    assertEquals(notes.map(({ data }) => (data as Message)["text"]), ["the caller pressed 1"]);
    assert(events.some(({ type }) => type === "transcript"));
  });
}

Deno.test("writing_an_app.md, step 1: a call can be watched while it is in progress", async () => {
  using copy = new Copy(apps[0]!);
  await using server = await serverWith(copy.app, PATIENT);
  await using line = await inboundCall(server);
  const watched = simulate(server, 1, "sim watch");
  await server.recorded(await server.call("inbound", "in-1"), ({ type }) => type === "watched");
  line.send({ event: "dtmf", digit: "#" });
  const { code, lines } = await watched;
  assertEquals(code, 0, lines.join("\n"));
  for (const type of ["event:start", "event:callEnd"]) {
    assert(lines.some((line) => line.includes(`<- ${type}`)), type);
  }
});

Deno.test("writing_an_app.md, step 3: the seller is notified of the deal", async () => {
  using copy = new Copy(apps[2]!);
  await using server = await serverWith(copy.app, PATIENT);
  const leave = new AbortController();
  const here = Promise.withResolvers<void>();
  const party = simulate(server, 3, "sim party", (line) => {
    if (line.includes("<- pong")) here.resolve();
    if (line.includes("<- payment_update")) leave.abort();
  }, leave.signal);
  await within(here.promise, () => "the party is not there");
  assertEquals((await simulate(server, 3, "sim inbound")).code, 0);
  const { lines } = await party;
  assert(lines.some((line) => line.includes('"amount":3000')), lines.join("\n"));
});

Deno.test("writing_an_app.md names settings that exist", async () => {
  const settings = await Deno.readTextFile(new URL("docs/settings.md", ROOT));
  for (const [, name] of text.matchAll(/`(APP[A-Z_]*)=/g)) {
    assert(settings.includes(`\`${name}\``), name);
  }
});
