/**
 * A place for a database that is gone when the test is over.
 * @module
 */

/** A file in a folder of its own; it is not there yet. */
export interface DatabaseFile extends AsyncDisposable {
  readonly folder: string;
  readonly path: string;
  /** As a setting. */
  readonly url: string;
}

/** Makes a folder for a database. */
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
