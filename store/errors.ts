/**
 * What every engine throws, so that its callers need not know which engine it is.
 * @module
 */

/** Nothing was written: the disk is full, read-only or broken. A retry may succeed. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** The database cannot be opened or written: no such folder, no permission, or in use. */
export class CannotOpen extends Error {
  override readonly name = "CannotOpen";
}

/** Another server has the database open. */
export class DatabaseInUse extends CannotOpen {}

/** The database is damaged, no database at all, or from a newer version of Tipring. */
export class WrongDatabase extends Error {
  override readonly name = "WrongDatabase";
}
