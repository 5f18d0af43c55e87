import { bestOffers, byQuality, parseRanges } from "./ranges.ts";
import type { AcceptRange } from "./ranges.ts";

/** The accepted media types, or those of the offers that are accepted, the best first. */
export function acceptedMediaTypes(
  header: string,
  offers?: string[],
): string[] {
  const ranges = parseRanges(header).filter((range) => /^[^/]+\/[^/]+$/.test(range.name));
  return offers ? bestOffers(offers, ranges, fit, "offers") : byQuality(ranges);
}

function fit(offer: string, range: AcceptRange): number | undefined {
  const offered = parseRanges(offer)[0];
  if (!offered) return undefined;
  const [type, subtype] = offered.name.toLowerCase().split("/");
  const [wantedType, wantedSubtype] = range.name.toLowerCase().split("/");
  let closeness = 0;
  if (wantedType === type) closeness += 4;
  else if (wantedType !== "*") return undefined;
  if (wantedSubtype === subtype) closeness += 2;
  else if (wantedSubtype !== "*") return undefined;
  if (range.parameters.size === 0) return closeness;
  for (const [key, value] of range.parameters) {
    if ((offered.parameters.get(key) ?? "").toLowerCase() !== value.toLowerCase()) {
      return undefined;
    }
  }
  return closeness + 1;
}
