/** Every cell of docs/scopes.md, by a request or a handshake. */
import { assert, assertEquals } from "@std/assert";
import { type Scope, SCOPES } from "../../../access/scopes.ts";
import { documentPath } from "../../../http/documents/openapi.ts";
import { answerTo } from "../../support/http.ts";
import type { Frame, Message } from "../../support/client.ts";
import { KeyedServer, ROOT_KEY } from "../../support/keyed_server.ts";

interface Row {
  readonly method: string;
  readonly path: string;
  /** The type of a message on the door. */
  readonly message: string | undefined;
  /** By the columns: `no key` and the scopes. */
  readonly passes: ReadonlyMap<string, boolean>;
}

const TABLE = await Deno.readTextFile(new URL("../../../docs/scopes.md", import.meta.url));
const rows = readTable(TABLE);

Deno.test("scopes: the table has every route, and a column for each scope", async () => {
  await using server = await KeyedServer.start();
  const named = rows.filter(({ message }) => message === undefined)
    .map(({ method, path }) => `${method} ${path}`);
  assertEquals(named, server.test.server.routes.map(({ method, path }) => `${method} ${path}`));
  for (const { passes } of rows) assertEquals([...passes.keys()], ["no key", ...SCOPES]);
  // A table that admits everything, or nothing, would prove nothing.
  const cells = rows.flatMap(({ passes }) => [...passes.values()]);
  assert(cells.filter(Boolean).length > 100 && cells.filter((cell) => !cell).length > 500);
});

Deno.test("scopes: the OpenAPI and AsyncAPI documents list each of them", async () => {
  await using server = await KeyedServer.start();
  const { routes } = server.test.server;
  const document = async (path: string) => await (await answerTo(server.test.http(path))).json();
  const [rest, sockets] = [await document("/openapi.json"), await document("/asyncapi.json")];
  for (const { method, path, scope, aliasOf } of routes) {
    if (method === "WS" || aliasOf !== undefined) continue;
    const { description = "", security } = rest.paths[documentPath(path)][method.toLowerCase()];
    const isOpen = scope === "everyone";
    assertEquals([path, description], [path, isOpen ? "" : `Needs the scope \`${scope}\`.`]);
    const needed = ["bearer", "basic", "query"].map((scheme) => ({ [scheme]: [scope] }));
    assertEquals([path, security], [path, isOpen ? [] : needed]);
  }
  const doors = routes.filter(({ method }) => method === "WS");
  const operations = Object.values(sockets.operations) as { description: string }[];
  assertEquals(operations.length, 2 * doors.length);
  for (const { scope } of doors) {
    const told = operations.filter(({ description }) => description.includes(`\`${scope}\``));
    assert(told.length >= 2, scope);
  }
});

Deno.test("scopes: each key is admitted or refused as the table says, cell by cell", async () => {
  await using server = await KeyedServer.start();
  const keys = await keyOfEach(server, []);
  const wrong: string[] = [];
  for (const { method, path, message, passes } of rows) {
    if (message !== undefined) continue;
    for (const [column, isPassing] of passes) {
      const status = await server.status(keys.get(column), method, exampleOf(path));
      const refusal = column === "no key" ? 401 : 403;
      const isRefused = [401, 403].includes(status);
      if (isPassing ? !isRefused : status === refusal) continue;
      wrong.push(`${method} ${path} with ${column}: ${status}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("scopes: each message of a door needs its own scope, cell by cell", async () => {
  await using server = await KeyedServer.start();
  const messages = rows.filter(({ message }) => message !== undefined);
  assertEquals(messages.length, 2);
  const keys = await keyOfEach(server, ["calls:listen"]);
  for (const { path, message, passes } of messages) {
    for (const scope of SCOPES) {
      const cell = `${message} ${scope}`;
      await using _line = await server.inboundCall("5000", cell);
      const { body } = await server.ask(ROOT_KEY, "GET", "/calls?limit=1");
      const query = `?conversationToken=${body.calls[0].liveConversationToken}`;
      await using watcher = await server.open(keys.get(scope)!, path + query);
      watcher.send({ type: message!, id: cell });
      const answer = await watcher.frames.next(isAnswer) as Message;
      const isRefused = String(answer["description"]).endsWith("the key does not allow that");
      assertEquals([cell, !isRefused], [cell, passes.get(scope)!]);
    }
  }
});

function isAnswer(frame: Frame): boolean {
  return "type" in frame && (frame.type === "ack" || frame.type === "error");
}

/** A key for each column, with these scopes besides. */
async function keyOfEach(
  server: KeyedServer,
  besides: readonly Scope[],
): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  for (const scope of SCOPES) {
    keys.set(scope, (await server.key({ scopes: [scope, ...besides] })).key);
  }
  return keys;
}

/** A path with something for each of its parameters, and the query that it demands. */
function exampleOf(path: string): string {
  const query = path === "/ws/v1/liveCalls" ? "?conversationToken=none" : "";
  return path.replaceAll(/:\w+/g, "none").replace(/\*$/, "none") + query;
}

function readTable(text: string): Row[] {
  const lines = text.slice(text.indexOf("## Every route")).split("\n")
    .filter((line) => line.startsWith("|")).map(cellsOf);
  const [head = [], , ...body] = lines;
  const columns = head.slice(1).map((name) => name.replaceAll("`", ""));
  return body.map(([what = "", ...cells]) => {
    const [, method = "", path = "", message] = /^`(\w+) ([^`]+)`(?:: `([^`]+)`)?$/.exec(what)!;
    const passes = new Map(columns.map((name, at) => [name, cells[at] === "yes"]));
    return { method, path, message, passes };
  });
}

function cellsOf(line: string): string[] {
  return line.slice(1, -1).split("|").map((cell) => cell.trim());
}
