/**
 * One server per database: a second one would end the calls of the first.
 * @module
 */
import { CannotOpen, DatabaseInUse } from "../errors.ts";

/**
 * Locks a database against other servers until it is disposed of. The system releases the lock with
 * the process, however that ends. The empty file beside the database stays, and means nothing.
 * @throws {DatabaseInUse} when another server holds it
 * @throws {CannotOpen} when the file cannot be created
 */
export async function lockDatabase(path: string): Promise<Disposable> {
  const refuse = (why: string) => new CannotOpen(`Cannot open the database ${path}: ${why}`);
  let file: Deno.FsFile;
  try {
    file = await Deno.open(`${path}.lock`, { create: true, write: true });
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  try {
    if (await file.tryLock(true)) return file;
  } catch (error) {
    file.close();
    throw refuse(`it cannot be locked: ${error instanceof Error ? error.message : String(error)}`);
  }
  file.close();
  throw new DatabaseInUse(
    `Cannot open the database ${path}: another server uses it; give this one its own with ` +
      "DATABASE_URL and PORTS",
  );
}
