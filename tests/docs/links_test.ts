/** Every link of every Markdown file has a target, and the names in code exist. */
import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { anchorsOf, codeFaults, linkFaults, taskFaults, type Tree } from "../support/markdown.ts";
import { ROOT } from "../support/process.ts";

/** Folders that are no part of the repository. */
const FOREIGN = /^(?:\.git|\.deno\.jsr\.tmp|node_modules|coverage|data|dist)\/$/;
/** Names in documents that need not exist: an app that the reader writes. */
const UNWRITTEN: readonly string[] = ["docs/writing_an_app.md: no apps/mine.ts"];

const tree = await readTree();
const documents = [...tree.keys()].filter((path) => path.endsWith(".md"));

Deno.test("docs: every link has a target", () => {
  assert(documents.includes("README.md") && documents.includes("docs/simulators.md"));
  assertEquals(documents.flatMap((path) => linkFaults(path, tree)), []);
});

Deno.test("docs: every file and symbol named in code exists", () => {
  // The changelog names removed things.
  const present = documents.filter((path) => path !== "CHANGELOG.md");
  assert(present.includes("ARCHITECTURE.md") && present.includes("CONTRIBUTING.md"));
  assertEquals(present.flatMap((path) => codeFaults(path, tree)), UNWRITTEN);
});

Deno.test("docs: every task that they mention exists", () => {
  const tasks = Object.keys(config.tasks);
  assertEquals(documents.flatMap((path) => taskFaults(path, tree.get(path)!, tasks)), []);
});

Deno.test("docs: a broken link of each kind is detected", () => {
  const linking = (target: string): string[] =>
    linkFaults("docs/a.md", sample(`# One\n\nSee [it](${target}).\n`));
  for (
    const whole of ["#one", "b.md", "b.md#two-2", "../main.ts", "../main.ts#L2", "..", "../docs/"]
  ) {
    assertEquals(linking(whole), [], whole);
  }
  assertEquals(linking("https://example.org/a?b=c#d"), []);
  for (
    const [broken, why] of [
      ["c.md", "no such file"],
      ["b.md/", "no such file"],
      ["#two", "no such heading"],
      ["b.md#Two", "no such heading"],
      ["../main.ts#L9", "no such line"],
      ["..#one", "a folder has no anchors"],
      ["../../main.ts", "it leaves the repository"],
      ["/main.ts", "links are relative"],
      ["", "an empty link"],
      ["http://example.org", "not a well-formed https URL"],
      ["https:example.org", "not a well-formed https URL"],
      ["https://localhost/x", "not the name of a host"],
      ["mailto:a@example.org", "not a well-formed https URL"],
    ] as const
  ) {
    assertEquals(linking(broken), [`docs/a.md: ${broken}: ${why}`]);
  }
});

Deno.test("docs: links are found in every form, and none in code", () => {
  const text = [
    "[a][r] and ![b](no1.png 'title'), <http://no2.org>, [c](<no 3.md>) and `[d](code.md)`.",
    '<a class="x" href="no4.md">e</a>',
    "[r]: no5.md",
    "```sh\n[f](fence.md)\n```",
    "<!-- [g](comment.md) -->",
  ].join("\n\n");
  const faults = linkFaults("docs/a.md", sample(text));
  assertEquals(
    faults.map((fault) => fault.split(": ")[1]).toSorted(),
    [
      "http://no2.org",
      "no 3.md",
      "no1.png",
      "no4.md",
      "no5.md",
    ].toSorted(),
  );
});

Deno.test("docs: anchors are computed as GitHub does", () => {
  const text = "# A `call.play`, heard!\n\nTwo words\n---\n\n## [Linked](x.md) & more ##\n\n" +
    '## Two words\n\n```\n# none\n```\n\n<a id="here"></a>\n\n### Über_uns\n';
  assertEquals(
    [...anchorsOf(text)].toSorted(),
    [
      "a-callplay-heard",
      "here",
      "linked--more",
      "two-words",
      "two-words-1",
      "über_uns",
    ].toSorted(),
  );
});

Deno.test("docs: a missing name in code is detected", () => {
  const text =
    "`docs/c.md`, `main.ts` and `stop.ts`, `text/html`, `docs/`, `b.md`, `deno task x`; " +
    "`start` in `main.ts`, `stop` of\n`main.ts`, `x` in `docs/c.ts`.\n\n```\n`none.ts`\n```\n";
  assertEquals(codeFaults("docs/a.md", sample(text)), [
    "docs/a.md: no docs/c.md",
    "docs/a.md: no stop.ts",
    "docs/a.md: no docs/c.ts",
    "docs/a.md: no stop in main.ts",
    "docs/a.md: no x in docs/c.ts",
  ]);
  const commands = "npx -y deno@2.9.6 task test, deno task --list, deno task tset";
  assertEquals(taskFaults("a.md", commands, ["test"]), ["a.md: no task tset"]);
});

/** A small repository in which this is `docs/a.md`. */
function sample(text: string): Tree {
  return new Map([
    ["", ""],
    ["docs/", ""],
    ["docs/a.md", text],
    ["docs/b.md", "## Two\n## Two\n## Two\n"],
    ["main.ts", "start();\n\n"],
  ]);
}

async function readTree(folder = ""): Promise<Map<string, string>> {
  const tree = new Map([[folder, ""]]);
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${name}`;
    if (isDirectory) {
      if (FOREIGN.test(`${path}/`)) continue;
      for (const entry of await readTree(`${path}/`)) tree.set(...entry);
    } else if (/\.(?:md|ts|json)$/.test(name)) {
      tree.set(path, await Deno.readTextFile(new URL(path, ROOT)));
    } else tree.set(path, "");
  }
  return tree;
}
