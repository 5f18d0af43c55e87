import { STATUS_CODE } from "../status.ts";
import { baseHeaders, respond } from "./responses.ts";

/** A page with a link to every file of the directory. */
export async function listDirectory(
  fsPath: string,
  urlPath: string,
  showDotfiles: boolean,
): Promise<Response> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(fsPath)) {
    if (showDotfiles || !name.startsWith(".")) names.push(isDirectory ? `${name}/` : name);
  }
  names.sort((a, b) => a.toLowerCase() < b.toLowerCase() ? -1 : 1);
  const title = escapeHtml(`Index of ${urlPath}`);
  const links = names.map((name) => {
    const target = `./${encodeURIComponent(name).replaceAll("%2F", "/")}`;
    return `<li><a href="${escapeHtml(target)}">${escapeHtml(name)}</a></li>`;
  });
  const headers = baseHeaders();
  headers.set("content-type", "text/html; charset=UTF-8");
  return respond(
    STATUS_CODE.OK,
    headers,
    `<!DOCTYPE html>\n<meta charset="UTF-8">\n<title>${title}</title>\n<h1>${title}</h1>\n` +
      `<ul>\n${links.join("\n")}\n</ul>\n`,
  );
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
