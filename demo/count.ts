/**
 * What should have arrived against what has arrived: counted, one by one.
 * @module
 */
import { isDeepStrictEqual } from "node:util";

/** One thing that has to arrive: a message that is due, or something that was acknowledged. */
export interface Item {
  /** Names it, such as `seq 3`. */
  readonly key: string;
  /** Its content; equal only to the very same. */
  readonly says?: unknown;
}

/** The account of one listener, or of one kind of promise. */
export interface Ledger {
  readonly who: string;
  /** What there should be. */
  readonly due: readonly Item[];
  /** What there is, over all connections. */
  readonly found: readonly Item[];
}

/** What a ledger comes to. */
export interface Balance {
  readonly who: string;
  readonly due: number;
  /** Due, and not found. */
  readonly lost: readonly Item[];
  /** Found more often than it is due. */
  readonly duplicated: readonly Item[];
  /** Found, and never due: made up, or with another content. */
  readonly unknown: readonly Item[];
}

/** Counts one ledger. What is due twice, such as the same key pressed twice, is found twice. */
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

/** How it ended: lines for a person, the last of which has the sums, and an exit code. */
export interface Verdict {
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

/** Sums ledgers up. All is well when nothing is lost, duplicated or unknown, and no rule broken. */
export function verdict(ledgers: readonly Ledger[], faults: readonly string[]): Verdict {
  const balances = ledgers.map(balance);
  const sum = (count: (of: Balance) => number) => balances.reduce((all, of) => all + count(of), 0);
  const due = sum((of) => of.due);
  const lost = sum((of) => of.lost.length);
  const duplicated = sum((of) => of.duplicated.length);
  const unknown = sum((of) => of.unknown.length);
  const sums = `lost: ${lost} of ${due} · duplicated: ${duplicated}`;
  // A run in which nothing was due has shown nothing.
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
