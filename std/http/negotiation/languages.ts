import { bestOffers, byQuality, parseRanges } from "./ranges.ts";
import type { AcceptRange } from "./ranges.ts";

/** The accepted languages, or those of the offers that are accepted, the best first. */
export function acceptedLanguages(header: string, offers?: string[]): string[] {
  const ranges = parseRanges(header);
  return offers ? bestOffers(offers, ranges, fit) : byQuality(ranges);
}

function fit(offer: string, range: AcceptRange): number | undefined {
  const offered = offer.trim().toLowerCase();
  const wanted = range.name.toLowerCase();
  if (wanted === offered) return 4;
  // Who asks for en-GB is served with en, and who asks for en with en-GB.
  if (primary(wanted) === offered) return 2;
  if (wanted === primary(offered)) return 1;
  return wanted === "*" ? 0 : undefined;
}

function primary(language: string): string | undefined {
  return language.split("-", 1)[0];
}
