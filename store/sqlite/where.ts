/**
 * The conditions of a query, with their values.
 * @module
 */
import type { Value } from "./database.ts";

/** Collects conditions that all must hold. */
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
