/**
 * Runs a module of the bench to its end.
 * @module
 */

/**
 * Runs a module of this folder in a separate process, and returns its output.
 * @throws {Error} when it fails
 */
export async function runModule(module: string, args: readonly string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", new URL(module, import.meta.url).pathname, ...args],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${module} failed`);
  return new TextDecoder().decode(stdout);
}
