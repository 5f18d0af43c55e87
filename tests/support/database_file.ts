/**
 * A place for a database that is removed after the test.
 * @module
 */

/** A path in its own folder; the file does not exist yet. */
export interface DatabaseFile extends AsyncDisposable {
  readonly folder: string;
  readonly path: string;
  /** The value of DATABASE_URL. */
  readonly url: string;
}

/** Creates a folder for a database. */
export async function databaseFile(): Promise<DatabaseFile> {
  const folder = await Deno.makeTempDir({ prefix: "tipring-" });
  const path = `${folder}/test.db`;
  return {
    folder,
    path,
    url: `sqlite:${path}`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
