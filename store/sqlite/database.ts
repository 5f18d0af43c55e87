/**
 * One SQLite connection. Each statement is prepared once.
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { WrongDatabase } from "../errors.ts";

/** The value of a column. */
export type Value = null | number | bigint | string | Uint8Array;
/** A row as SQLite returns it. */
export type Row = Record<string, Value>;

/** SQLite's codes for a damaged file, and for a file that is no database. */
const DAMAGED: ReadonlySet<number> = new Set([11, 26]);

/** How long a checkpoint waits for readers in other processes. */
const CHECKPOINT_WAITS_MS = 500;

/** One connection. Its methods throw `WrongDatabase` when the file is damaged. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** The writer's cache of open calls by their ids; cleared when a commit is rolled back. */
  readonly memory = new Map<string, unknown>();

  /** `path` is a file, or `:memory:`. */
  constructor(path: string, { readOnly = false } = {}) {
    this.#db = new DatabaseSync(path, { readOnly });
    this.#db.exec("PRAGMA busy_timeout = 5000");
    if (readOnly) return;
    this.#db.exec("PRAGMA journal_mode = WAL");
    // Every commit is on disk when it returns, even if the machine then loses power.
    this.#db.exec("PRAGMA synchronous = FULL");
  }

  /** Runs statements without parameters. */
  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /** Runs a statement that changes rows. Returns how many, and the last id. */
  run(sql: string, ...values: Value[]): { changes: number; lastId: number } {
    const { changes, lastInsertRowid } = sound(() =>
      this.#prepare(sql).run(...values.map(bindable))
    );
    return { changes: Number(changes), lastId: Number(lastInsertRowid) };
  }

  /** The first row, or undefined. */
  get(sql: string, ...values: Value[]): Row | undefined {
    return sound(() => this.#prepare(sql).get(...values.map(bindable))) as Row | undefined;
  }

  /** All rows. */
  all(sql: string, ...values: Value[]): Row[] {
    return sound(() => this.#prepare(sql).all(...values.map(bindable))) as Row[];
  }

  /** Whether a transaction is open: SQLite rolls it back by itself when the disk is full. */
  get inTransaction(): boolean {
    return this.#db.isTransaction;
  }

  /**
   * Moves the write-ahead log into the file. What another process is reading stays in the log until
   * the database is opened again.
   */
  checkpoint(): void {
    this.#db.exec(`PRAGMA busy_timeout = ${CHECKPOINT_WAITS_MS}`);
    this.get("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  /** Closes the connection. */
  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#db.prepare(sql));
    return statement;
  }
}

/** The conditions of a query, all of which must hold, with their values. */
export class Where {
  readonly values: Value[] = [];
  readonly #conditions: string[] = [];

  /** Adds a condition with a value for each `?`; nothing when the first one is undefined. */
  and(condition: string, value: Value | undefined, ...more: Value[]): this {
    if (value === undefined) return this;
    this.#conditions.push(condition);
    this.values.push(value, ...more);
    return this;
  }

  /** The clause, or nothing without conditions. */
  get sql(): string {
    return this.#conditions.length === 0 ? "" : `WHERE ${this.#conditions.join(" AND ")}`;
  }
}

/** A text as a column holds it: SQLite cuts it at a NUL, and has no lone surrogates. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

function bindable(value: Value): Value {
  return typeof value === "string" ? storable(value) : value;
}

function sound<Result>(use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    const { errcode, message } = error as { errcode?: number; message: string };
    if (!DAMAGED.has((errcode ?? 0) & 0xff)) throw error;
    throw new WrongDatabase(`Cannot open the database: ${message}; restore it from a copy`);
  }
}
