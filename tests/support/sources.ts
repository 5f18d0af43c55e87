/**
 * The source files of a folder, for tests of the code.
 * @module
 */
import { ROOT } from "./process.ts";

/** The path from the root and the text of every TypeScript file below a folder. */
export async function filesBelow(folder: string): Promise<[path: string, text: string][]> {
  const files: [string, string][] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await filesBelow(path));
    else if (path.endsWith(".ts")) files.push([path, await Deno.readTextFile(new URL(path, ROOT))]);
  }
  return files;
}
