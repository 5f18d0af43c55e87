import { bestOffers, byQuality, parseRanges } from "./ranges.ts";
import type { AcceptRange } from "./ranges.ts";

/** The accepted encodings, or those of the offers that are accepted, the best first. */
export function acceptedEncodings(header: string, offers?: string[]): string[] {
  const ranges = withIdentity(parseRanges(header));
  return offers ? bestOffers(offers, ranges, fit, "header") : byQuality(ranges);
}

/** A header without `identity` accepts it as the last resort. */
function withIdentity(ranges: AcceptRange[]): AcceptRange[] {
  if (ranges.some((range) => fit("identity", range) !== undefined)) {
    return ranges;
  }
  const quality = Math.min(1, ...ranges.map((range) => range.quality || 1));
  return [...ranges, { name: "identity", parameters: new Map(), quality }];
}

function fit(offer: string, range: AcceptRange): number | undefined {
  if (range.name.toLowerCase() === offer.toLowerCase()) return 1;
  return range.name === "*" ? 0 : undefined;
}
