/** The decrypting example of the documentation, unchanged. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import * as jose from "jose";
import { Arrivals } from "../../support/arrivals.ts";
import { openContract, pay, SELLER } from "../../support/deal.ts";
import { TestServer } from "../../support/server.ts";

const README = await Deno.readTextFile(
  new URL("../../../protocols/notifications/README.md", import.meta.url),
);
const [, SHOWN = ""] = /encrypted_example_test\.ts -->\n\n```js\n([\s\S]*?)```/.exec(README) ?? [];
const DOCUMENTS_OWN = await Deno.readTextFile(
  new URL("../../data/notifications_example.txt", import.meta.url),
);
const ITS_CLIENT = "+1234567890";
const IMPORT = /^import (\{[^}]*\}) from "jose";$/m;

Deno.test("the decrypting example is the document's own plus ten lines", () => {
  // The formatter of Markdown adds spaces and commas.
  const linesOf = (text: string) =>
    text.trimEnd().split("\n").map((line) => line.replaceAll(" ", "").replace(/,$/, ""));
  const own = linesOf(DOCUMENTS_OWN);
  const shown = linesOf(SHOWN);
  // Its two lines that read a message must await and change it.
  const kept = own.filter((line) => !/^ws\.onmessage|JSON\.parse/.test(line));
  let at = 0;
  for (const line of shown) if (line === kept[at]) at++;
  assertEquals(at, kept.length, `missing: "${kept[at]}"`);
  assertEquals(shown.length - own.length, 10);
});

Deno.test("the decrypting example prints what cannot be read from the socket", async () => {
  await using server = await TestServer.start();
  const printed = new Arrivals<unknown[]>();
  const console = {
    log: (...words: unknown[]) => printed.push(words),
    error: (...words: unknown[]) => printed.end(Deno.inspect(words)),
  };
  const onWire: string[] = [];
  class RecordingWebSocket extends WebSocket {
    constructor(url: string) {
      super(url);
      this.addEventListener("message", ({ data }) => onWire.push(data));
    }
  }
  assertMatch(SHOWN, IMPORT);
  const code = SHOWN.replace(IMPORT, "const $1 = jose;").replaceAll(
    "localhost:8000",
    `127.0.0.1:${server.port}`,
  );
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  await new AsyncFunction("console", "jose", "WebSocket", code)(console, jose, RecordingWebSocket);

  const says = (text: string) => printed.next(([words]) => words === text);
  await says("Connected to VoicePact WebSocket");
  await says("Ping response received");
  const contractId = await openContract(server, [ITS_CLIENT, SELLER]);
  await server.rest("PUT", `/contracts/${contractId}`, { status: "confirmed" });
  await says(`Contract ${contractId} status: confirmed`);
  await pay(server, contractId, 150, ITS_CLIENT);
  await says(`Payment update for contract ${contractId}`);
  await server.stop();
  await says("WebSocket connection closed");
  assertEquals(onWire.map((text) => JSON.parse(text).type), ["pong", "encrypted", "encrypted"]);
  for (const text of onWire) assert(!text.includes(contractId), text);
});
