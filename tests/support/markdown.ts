/**
 * The targets of a Markdown file, and whether they exist: links, anchors, and files named in code.
 * @module
 */

/** The files and folders of a repository, with the text of each file; a folder ends with a slash. */
export type Tree = ReadonlyMap<string, string>;

/** A fenced block, which is not prose. */
const FENCE = /^( {0,3})(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1 {0,3}\2[`~]*[ \t]*$/gm;
const COMMENT = /<!--[\s\S]*?-->/g;
const CODE = /(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g;
const INLINE_LINK = /\]\(\s*(?:<([^>\n]*)>|([^\s)]*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/g;
const REFERENCE = /^ {0,3}\[[^\]\n]+\]:[ \t]*(?:<([^>\n]*)>|(\S+))/gm;
const AUTOLINK = /<([a-z][a-z0-9+.-]*:[^>\s]*)>/gi;
const ATTRIBUTE = /<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]*)"/gi;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/gm;
const UNDERLINED = /^ {0,3}(\S[^\n]*)\n {0,3}(?:=+|-{2,})[ \t]*$/gm;
const ANCHOR = /<\w+\b[^>]*?\b(?:id|name)="([^"]+)"/gi;

const PATH = /^\.?[\w@-]+(?:[./@-][\w@-]+)*\/?$/;
const FILE_NAME = /\w\.(?:ts|md|json|wav)$/;
const SYMBOL = /`([A-Za-z_$][\w$]*)`(?:\s+(?:in|of))\s+`([^`\s]+\.(?:ts|json))`/g;
const TASK = /\bdeno(?:@[\d.]+)? task (?!-)([\w:]+)/g;

/** Every broken link of a Markdown file, in words; `path` is its path from the root. */
export function linkFaults(path: string, tree: Tree): string[] {
  return targetsOf(tree.get(path)!).flatMap((target) => {
    const fault = faultOfTarget(path, target, tree);
    return fault === undefined ? [] : [`${path}: ${target}: ${fault}`];
  });
}

/** Every file, folder and symbol that a Markdown file names in `code` and that is not there. */
export function codeFaults(path: string, tree: Tree): string[] {
  const prose = tree.get(path)!.replaceAll(FENCE, "");
  const roots = new Set([...tree.keys()].map((known) => known.split("/")[0]!));
  const names = new Set([...tree.keys()].map((known) => known.split("/").at(-1)!));
  const isThere = (named: string) =>
    named.includes("/") ? tree.has(named) || tree.has(`${named}/`) : names.has(named);
  const missing = [...prose.matchAll(CODE)].map(([, , code]) => code!.trim())
    .filter((code) => PATH.test(code) && isFile(code, roots) && !isThere(code));
  const unknown = [...prose.matchAll(SYMBOL)].flatMap(([, symbol, file]) => {
    const text = tree.get(file!) ?? "";
    return new RegExp(`(?<![\\w$])${symbol!.replaceAll("$", "\\$")}(?![\\w$])`).test(text)
      ? []
      : [`${symbol} in ${file}`];
  });
  return [...new Set([...missing, ...unknown])].map((named) => `${path}: no ${named}`);
}

/** Every task that a Markdown file mentions and that does not exist. */
export function taskFaults(path: string, text: string, tasks: Iterable<string>): string[] {
  const known = new Set(tasks);
  const unknown = [...text.matchAll(TASK)].map(([, task]) => task!).filter((t) => !known.has(t));
  return [...new Set(unknown)].map((task) => `${path}: no task ${task}`);
}

/** The anchors of a Markdown file, as GitHub makes them of its headings. */
export function anchorsOf(text: string): Set<string> {
  const prose = text.replaceAll(FENCE, "").replaceAll(COMMENT, "");
  const headings = [...prose.matchAll(HEADING), ...prose.matchAll(UNDERLINED)]
    .sort((a, b) => a.index - b.index).map(([, heading]) => slug(heading!));
  const counts = new Map<string, number>();
  const anchors = new Set([...prose.matchAll(ANCHOR)].map(([, id]) => id!));
  for (const heading of headings) {
    const count = counts.get(heading) ?? 0;
    counts.set(heading, count + 1);
    anchors.add(count === 0 ? heading : `${heading}-${count}`);
  }
  return anchors;
}

/** Lower case, without punctuation, each space a hyphen. */
function slug(heading: string): string {
  return heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/<[^>]+>/g, "")
    .trim().toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");
}

function targetsOf(text: string): string[] {
  const prose = text.replaceAll(FENCE, "").replaceAll(COMMENT, "")
    .replaceAll(CODE, (code) => "x".repeat(code.length));
  return [INLINE_LINK, REFERENCE, AUTOLINK, ATTRIBUTE].flatMap((form) =>
    [...prose.matchAll(form)].map(([, first, second]) => first ?? second ?? "")
  );
}

function faultOfTarget(from: string, target: string, tree: Tree): string | undefined {
  if (target === "") return "an empty link";
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return faultOfUrl(target);
  if (target.startsWith("/")) return "links are relative";
  const [file = "", anchor] = target.split("#", 2);
  const path = file === "" ? from : resolved(from, decodeURIComponent(file));
  if (path === undefined) return "it leaves the repository";
  if (tree.has(path === "" || path.endsWith("/") ? path : `${path}/`)) {
    return anchor === undefined ? undefined : "a folder has no anchors";
  }
  const text = tree.get(path);
  if (text === undefined) return "no such file";
  if (anchor === undefined) return undefined;
  if (path.endsWith(".md")) {
    return anchorsOf(text).has(decodeURIComponent(anchor)) ? undefined : "no such heading";
  }
  const [, line] = /^L([1-9]\d*)$/.exec(anchor) ?? [];
  return line !== undefined && Number(line) <= text.split("\n").length ? undefined : "no such line";
}

function faultOfUrl(target: string): string | undefined {
  const url = URL.parse(target);
  if (url === null || !/^https:\/\/[^/]/i.test(target)) return "not a well-formed https URL";
  return url.hostname.includes(".") ? undefined : "not the name of a host";
}

/** The path from the root; undefined where it would be above it. */
function resolved(from: string, relative: string): string | undefined {
  const segments = from.split("/").slice(0, -1);
  for (const segment of relative.split("/")) {
    if (segment === "..") {
      if (segments.pop() === undefined) return undefined;
    } else if (segment !== "." && segment !== "") segments.push(segment);
  }
  const path = segments.join("/");
  return relative.endsWith("/") && path !== "" ? `${path}/` : path;
}

/** Whether a word in code is meant as a file or folder here, and not as a media type or a package. */
function isFile(code: string, roots: ReadonlySet<string>): boolean {
  return FILE_NAME.test(code) || (code.includes("/") && roots.has(code.split("/")[0]!));
}
