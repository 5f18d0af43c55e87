/**
 * The condition that a call went to one of some numbers: what `seesCall` decides, in SQL.
 * @module
 */

/**
 * On the table `calls`; its values are those of `calledValues`. A call whose number has an E.164 form
 * is found by that alone: the platform's own spelling may be another number elsewhere.
 */
export const CALLED = `CASE WHEN to_e164 IS NOT NULL
  THEN to_e164 IN (SELECT value FROM json_each(?))
  ELSE to_number IN (SELECT value FROM json_each(?)) END`;

/** The values of `CALLED`. Older rows have no E.164; many of their numbers lack only the plus. */
export function calledValues(numbers: readonly string[]): [string, string] {
  const bare = numbers.map((number) => number.replace(/^\+/, ""));
  return [JSON.stringify(numbers), JSON.stringify([...numbers, ...bare])];
}
