/**
 * Bounds: the clients and numbers of a key. For its holder nothing outside of them exists.
 * @module
 */
import { e164OrText } from "../phone/number.ts";

/**
 * What a bound key sees, and nothing else: the contracts of these clients, and the calls to these
 * numbers. So a key bound only to clients sees no calls. All are in E.164, or unchanged.
 */
export interface Bounds {
  readonly clients: readonly string[];
  readonly numbers: readonly string[];
}

/**
 * The bounds in these lists, with numbers in comparable form. Without either list there are none.
 * @param country reads national numbers as numbers of this country (ISO 3166-1)
 */
export function boundsOf(
  { clients, numbers }: {
    readonly clients?: readonly string[] | undefined;
    readonly numbers?: readonly string[] | undefined;
  },
  country: string | undefined,
): Bounds | undefined {
  if (clients === undefined && numbers === undefined) return undefined;
  const named = (
    texts: readonly string[] = [],
  ) => [...new Set(texts.map((text) => e164OrText(text, country)))];
  return { clients: named(clients), numbers: named(numbers) };
}

/** Whether the inner bounds lie within the outer ones; undefined is without bounds. */
export function isWithin(inner: Bounds | undefined, outer: Bounds | undefined): boolean {
  if (outer === undefined) return true;
  return inner !== undefined &&
    inner.clients.every((client) => outer.clients.includes(client)) &&
    inner.numbers.every((number) => outer.numbers.includes(number));
}

/** The called number, as the platform sent it and in E.164. */
export interface Called {
  readonly to: string | null;
  readonly toE164?: string | null;
}

/** Whether calls to this number are within the bounds. A new call has no E.164 number yet. */
export function seesCall(
  bounds: Bounds | undefined,
  { to, toE164 }: Called,
  country?: string,
): boolean {
  if (bounds === undefined) return true;
  if (to === null) return false;
  return bounds.numbers.includes(toE164 ?? e164OrText(to, country));
}

/** The close reason for a platform's call to a number outside the bounds of its key. */
export const NOT_FOR_THIS_NUMBER = "this key is for calls to other numbers";

/** Whether one of these parties' numbers is a client of the bounds. */
export function seesParties(bounds: Bounds | undefined, numbers: readonly string[]): boolean {
  return bounds === undefined || numbers.some((number) => seesClient(bounds, number));
}

/** Whether this is a client of the bounds. */
export function seesClient(
  bounds: Bounds | undefined,
  clientId: string,
  country?: string,
): boolean {
  return bounds === undefined || bounds.clients.includes(e164OrText(clientId, country));
}
