/**
 * Compares what should have arrived with what arrived, item by item.
 * @module
 */
import { isDeepStrictEqual } from "node:util";

/** An item that has to arrive: a due message, or something that was acknowledged. */
export interface Item {
  /** Its name, such as `seq 3`. */
  readonly key: string;
  /** Its content, compared deeply. */
  readonly says?: unknown;
}

/** The items of one listener, or of one kind of acknowledgement. */
export interface Ledger {
  readonly who: string;
  /** The expected items. */
  readonly due: readonly Item[];
  /** The received items, over all connections. */
  readonly found: readonly Item[];
}

/** The result of comparing a ledger. */
interface Balance {
  readonly who: string;
  readonly due: number;
  /** Due but not found. */
  readonly lost: readonly Item[];
  /** Found more often than due. */
  readonly duplicated: readonly Item[];
  /** Found but never due: invented, or with other content. */
  readonly unknown: readonly Item[];
}

/** Compares one ledger. An item that is due twice, such as a repeated key, must be found twice. */
export function balance({ who, due, found }: Ledger): Balance {
  const lost: Item[] = [];
  const left = [...found];
  for (const item of due) {
    const at = left.findIndex((other) => isDeepStrictEqual(other, item));
    if (at === -1) lost.push(item);
    else left.splice(at, 1);
  }
  const wasDue = (item: Item) => due.some((other) => isDeepStrictEqual(other, item));
  return {
    who,
    due: due.length,
    lost,
    duplicated: left.filter(wasDue),
    unknown: left.filter((item) => !wasDue(item)),
  };
}

/** The result: lines for a person, the last with the sums, and an exit code. */
export interface Verdict {
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

/** Sums ledgers up. The exit code is 0 when nothing is lost, duplicated, unknown or broken. */
export function verdict(ledgers: readonly Ledger[], faults: readonly string[]): Verdict {
  const balances = ledgers.map(balance);
  const sum = (count: (of: Balance) => number) => balances.reduce((all, of) => all + count(of), 0);
  const due = sum((of) => of.due);
  const lost = sum((of) => of.lost.length);
  const duplicated = sum((of) => of.duplicated.length);
  const unknown = sum((of) => of.unknown.length);
  const sums = `lost: ${lost} of ${due} · duplicated: ${duplicated}`;
  // A run without due items proves nothing.
  const well = due > 0 && lost + duplicated + unknown + faults.length === 0;
  return {
    lines: [
      ...balances.flatMap(balanceLines),
      ...faults.map((fault) => `broken      ${fault}`),
      unknown === 0 ? sums : `${sums} · unknown: ${unknown}`,
    ],
    exitCode: well ? 0 : 1,
  };
}

function balanceLines({ who, due, lost, duplicated, unknown }: Balance): string[] {
  const named = (what: string, items: readonly Item[]) =>
    items.map(({ key, says }) =>
      `${what.padEnd(10)}  ${key}${says === undefined ? "" : ` ${JSON.stringify(says)}`}`
    );
  return [
    `${who.padEnd(44)} ${String(due).padStart(3)} due, ${lost.length} lost, ` +
    `${duplicated.length} duplicated`,
    ...named("lost", lost),
    ...named("duplicated", duplicated),
    ...named("unknown", unknown),
  ];
}
