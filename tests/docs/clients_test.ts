/**
 * Third-party tools on our documents: Redocly's linter, openapi-typescript with
 * openapi-fetch, and modelina. Their output must type-check, and so must a program that uses it;
 * the lines that are wrong in that program must not.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { outputOf } from "../support/process.ts";
import type { Complaint } from "../clients/generate.ts";

const DOCS = new URL("../../docs/", import.meta.url);
const CLIENTS = new URL("../clients/", import.meta.url);
const CONFIG = new URL("generators.json", CLIENTS).pathname;

/** With a first download of the tools on a slow line. */
const DEADLINE_MS = 240_000;

async function deno(args: string[]): Promise<{ success: boolean; told: string }> {
  const options = { args, env: { NO_COLOR: "1" } };
  const { success, stdout, stderr } = await outputOf(Deno.execPath(), options, DEADLINE_MS);
  return { success, told: [stdout, stderr].map((text) => new TextDecoder().decode(text)).join("") };
}

/** Runs a tool that creates a file from a document, and returns its text. */
async function made(tool: string, document: string | URL, target: string): Promise<string> {
  const program = new URL("generate.ts", CLIENTS).pathname;
  const source = document instanceof URL ? document.pathname : document;
  const { success, told } = await deno(
    ["run", "-A", "--no-prompt", "--frozen", "--no-check", "--config", CONFIG, program].concat(
      tool,
      source,
      target,
    ),
  );
  assert(success, told);
  return await Deno.readTextFile(target);
}

async function check(files: string[]): Promise<{ success: boolean; told: string }> {
  return await deno(["check", "--quiet", "--frozen", "--config", CONFIG, ...files]);
}

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openapi.json: Redocly's linter finds no error, and does find a seeded one", () =>
  withFolder(async (folder) => {
    const document = JSON.parse(await Deno.readTextFile(new URL("openapi.json", DOCS)));
    const wrong = structuredClone(document);
    wrong.paths["/wrong/"] = wrong.paths["/livez"];
    await Deno.writeTextFile(`${folder}/documents.json`, JSON.stringify([document, wrong]));
    const complaints: Complaint[][] = JSON.parse(
      await made("lint", `${folder}/documents.json`, `${folder}/complaints.json`),
    );
    const [errors, errorsOfWrong] = complaints.map((all) =>
      all.filter(({ severity }) => severity === "error").map(({ ruleId, location }) =>
        `${ruleId} ${location[0]?.pointer}`
      )
    );
    assertEquals(errors, []);
    const planted = "no-path-trailing-slash #/paths/~1wrong~1";
    assert(errorsOfWrong?.includes(planted), errorsOfWrong?.join("\n"));
  }));

Deno.test("openapi.json and asyncapi.json: generated clients type-check, and their misuse does not", () =>
  withFolder(async (folder) => {
    const [rest, messages] = await Promise.all([
      made("rest", new URL("openapi.json", DOCS), `${folder}/rest.ts`),
      made("messages", new URL("asyncapi.json", DOCS), `${folder}/messages.ts`),
    ]);
    assertMatch(rest, /export interface paths \{/);
    // For a schema without a title the generator creates AnonymousSchema_1; for a duplicate title, one type.
    assertEquals(/Anonymous\w*/.exec(messages), null);
    const names = [...messages.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, it]) => it);
    assertEquals(names, [...new Set(names)]);
    const programs = ["rest", "messages"].map(async (name) => {
      const file = `${folder}/${name}_usage.ts`;
      await Deno.copyFile(new URL(`${name}_usage.txt`, CLIENTS), file);
      return file;
    });
    // A misuse that compiles is an error too: each is marked as one.
    const { success, told } = await check(await Promise.all(programs));
    assert(success, told);
  }));
