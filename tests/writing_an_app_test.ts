/** The code of `docs/writing_an_app.md` does what the document says. */
import { assert, assertEquals } from "@std/assert";
import { serverWith } from "./support/apps.ts";
import { Client, type Message } from "./support/client.ts";
import { inboundCall } from "./support/lines.ts";
import type { TestServer } from "./support/server.ts";

const ROOT = new URL("../", import.meta.url);
const text = await Deno.readTextFile(new URL("docs/writing_an_app.md", ROOT));
const apps = [...text.matchAll(/```ts apps\/mine\.ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
const sessions = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, said]) => said!);

/** A copy of the repository in which this is `apps/mine.ts`; what it shares with ours is linked. */
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

async function record(server: TestServer): Promise<Message[]> {
  const { calls: [{ id }] } = await server.rest("GET", "/calls");
  return (await server.rest("GET", `/calls/${id}/events`)).events;
}

Deno.test("writing_an_app.md has three apps, and each of them passes the type checker", async () => {
  assertEquals(apps.length, 3);
  for (const code of apps) {
    using copy = new Copy(code);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", copy.app],
      cwd: copy.folder,
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  }
});

Deno.test("writing_an_app.md, step 1: the conversation is as it is written", async () => {
  using copy = new Copy(apps[0]!);
  await using server = await serverWith(copy.app);
  await using line = await Client.open(server.ws("/"));
  const said = sessions.find((session) => session.includes("incoming_call"))!;
  const lines = said.split("\n").filter((text) => /^[<>] /.test(text));
  assertEquals(lines.length, 4);
  for (const text of lines) {
    if (text.startsWith(">")) line.send(text.slice(2));
    else assertEquals(await line.next(), JSON.parse(text.slice(2)));
  }
});

Deno.test("writing_an_app.md, step 2: the key that is pressed is in the record", async () => {
  using copy = new Copy(apps[1]!);
  await using server = await serverWith(copy.app);
  await using line = await inboundCall(server);
  await line.nextAudio();
  line.send({ event: "dtmf", digit: "1" });
  await line.next({ event: "interrupt" });
  await line.next({ event: "hangup" });
  const notes = (await record(server)).filter(({ type }) => type === "note");
  assertEquals(notes.map(({ data }) => (data as Message)["text"]), ["the caller pressed 1"]);
});

Deno.test("writing_an_app.md, step 3: the seller hears of the deal", async () => {
  using copy = new Copy(apps[2]!);
  await using server = await serverWith(copy.app);
  const url = /ws:\/\/127\.0\.0\.1:8000(\/api\/v1\/ws\/\S+)/.exec(text)![1]!;
  await using seller = await Client.open(server.ws(url));
  await using line = await inboundCall(server);
  line.send({ event: "dtmf", digit: "1" });
  const { amount } = await seller.next({ type: "payment_update" });
  assertEquals(amount, 3000);
  await line.next({ event: "hangup" });
});

Deno.test("writing_an_app.md names settings that there are", async () => {
  const settings = await Deno.readTextFile(new URL("docs/settings.md", ROOT));
  for (const [, name] of text.matchAll(/`(APP[A-Z_]*)=/g)) {
    assert(settings.includes(`\`${name}\``), name);
  }
});
