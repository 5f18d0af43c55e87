/**
 * A database that records its reads, for tests of their plans.
 * @module
 */
import { Database, type Row, type Value } from "../../store/sqlite/database.ts";

/** One read: its statement, its values, and how many rows it gave. */
export interface LoggedRead {
  readonly sql: string;
  readonly values: readonly Value[];
  readonly rows: number;
}

/** A database whose reads are listed. */
export class ReadLog extends Database {
  readonly reads: LoggedRead[] = [];

  override get(sql: string, ...values: Value[]): Row | undefined {
    const row = super.get(sql, ...values);
    this.reads.push({ sql, values, rows: row === undefined ? 0 : 1 });
    return row;
  }

  override all(sql: string, ...values: Value[]): Row[] {
    const rows = super.all(sql, ...values);
    this.reads.push({ sql, values, rows: rows.length });
    return rows;
  }

  /** The steps of each read's plan that scan a whole table or index, or sort. */
  slowSteps(): string[] {
    return this.reads.flatMap(({ sql, values }) =>
      super.all(`EXPLAIN QUERY PLAN ${sql}`, ...values).map((step) => String(step["detail"]))
        .filter((step) => /^SCAN (?!json_each|CONSTANT)|TEMP B-TREE FOR ORDER/.test(step))
        .map((step) => `${step} in ${sql.replaceAll(/\s+/g, " ")}`)
    );
  }
}
