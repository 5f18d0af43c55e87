import { bestOffers, byQuality, parseRanges } from "./ranges.ts";
import type { AcceptRange } from "./ranges.ts";

/** The accepted languages, or those of the offers that are accepted, the best first. */
export function acceptedLanguages(header: string, offers?: string[]): string[] {
  const ranges = parseRanges(header);
  return offers ? bestOffers(offers, ranges, fit, "header") : byQuality(ranges);
}

function fit(offer: string, range: AcceptRange): number | undefined {
  const offered = offer.trim().toLowerCase();
  const wanted = range.name.toLowerCase();
  if (wanted === offered) return 4;
  // A request for en-GB also accepts en and en-US.
  if (primary(wanted) === primary(offered)) return 2;
  return wanted === "*" ? 0 : undefined;
}

function primary(language: string): string | undefined {
  return language.split("-", 1)[0];
}
