/** Texts that are not amounts, though some look like one. */
export const NO_AMOUNTS: readonly string[] = [
  ...["2,500", "2,500.00", "", " ", " 5 ", "5 ", "1e3", "-5", "+5", ".5", "5.", "1.2.3", "0x10"],
  ...["NaN", "Infinity", "five", "KES 5", "5 KES", "٥", "５", "1_000", "1 000", "null", "5\n"],
];
